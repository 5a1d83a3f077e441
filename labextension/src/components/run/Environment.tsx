/** Where and with what it ran: python, packages, git, machine, and what it used. */
import { useState } from 'react';
import type { IRunDetail, Json } from '../../model/contract';
import { bytes, duration, shown } from '../../model/format';
import { useT } from '../surroundings';
import { Empty, SearchField } from '../ui';

export function Environment({ run }: { run: IRunDetail }) {
  const t = useT();
  const { packages, ...rest } = run.environment;
  const known: Record<string, string> = {
    python: t('Version'),
    executable: t('Executable'),
    kernel: t('Kernel'),
    kernel_mode: t('Start of the kernel'),
    platform: t('Platform')
  };
  const told = (names: string[]): [string, string | null][] =>
    names.map(name => [known[name] ?? name, rest[name] === undefined ? null : shown(rest[name])]);
  const others = Object.keys(rest).filter(name => !(name in known) && typeof rest[name] !== 'object');
  const machine: [string, string | null][] = [
    [t('Host'), run.host],
    [t('User'), run.user],
    [t('Peak memory'), run.usage.memory === null ? null : bytes(run.usage.memory)],
    [t('Processor time'), run.usage.cpu === null ? null : duration(run.usage.cpu)],
    ...told(['platform', ...others]),
    [t('Folder'), run.folder]
  ];
  const git: [string, string | null][] = [
    [t('Commit'), run.git.commit],
    [t('Branch'), run.git.branch],
    [t('Uncommitted changes'), run.git.dirty === null ? null : run.git.dirty ? t('yes') : t('no')]
  ];
  return (
    <div className="jmo-run-columns">
      <div>
        <Facts title="Python" facts={told(['python', 'kernel', 'kernel_mode', 'executable'])} />
        <Facts title={t('Machine')} facts={machine} />
        {run.git.commit === null ? null : <Facts title="Git" facts={git} />}
      </div>
      <Packages packages={packages} />
    </div>
  );
}

function Facts({ title, facts }: { title: string; facts: [string, string | null][] }) {
  return facts.every(([, value]) => value === null) ? null : (
    <section>
      <h3 className="jmo-heading">{title}</h3>
      <dl className="jmo-facts">
        {facts.map(([name, value]) =>
          value === null || value === '' ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd title={value}>{value}</dd>
            </div>
          )
        )}
      </dl>
    </section>
  );
}

/** As `name: version`, or as lines like `name==version`. */
function Packages({ packages }: { packages: Json | undefined }) {
  const t = useT();
  const [search, setSearch] = useState('');
  const all = listed(packages);
  const found = all.filter(([name]) => name.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <section>
      <h3 className="jmo-heading">
        {t('Packages')} <span className="jmo-num">{all.length}</span>
      </h3>
      {all.length === 0 ? (
        <p className="jmo-muted">{t('They weren’t recorded.')}</p>
      ) : (
        <>
          <SearchField value={search} onChange={setSearch} label={t('Search packages')} />
          {found.length === 0 ? <Empty title={t('No package is called so')} /> : null}
          <dl className="jmo-facts jmo-run-packages">
            {found.map(([name, version]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{version}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </section>
  );
}

function listed(packages: Json | undefined): [string, string][] {
  if (Array.isArray(packages)) {
    return packages.map((line): [string, string] => {
      const [name, ...version] = String(line).split('==');
      return [name, version.join('==')];
    });
  }
  return typeof packages === 'object' && packages !== null
    ? Object.entries(packages).map(([name, version]): [string, string] => [name, shown(version)])
    : [];
}
