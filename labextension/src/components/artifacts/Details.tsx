/** The facts about an artifact, and who uses it. */
import type { ReactNode } from 'react';
import { plainFacts } from '../../model/artifacts/facts';
import type { IArtifactDetail } from '../../model/contract';
import { bytes, date, shown } from '../../model/format';
import { useHost, useT } from '../surroundings';
import { UsedBy } from './UsedBy';

export function Details({ artifact }: { artifact: IArtifactDetail }) {
  const t = useT();
  const host = useHost();
  const { run } = artifact;
  const facts: [string, ReactNode][] = [
    [t('URI'), artifact.uri],
    [t('Type'), artifact.type],
    [t('Size'), bytes(artifact.size)],
    [t('Created'), date(artifact.created)],
    [
      t('Made by'),
      run === null ? (
        t('Logged by hand')
      ) : (
        <button type="button" className="jmo-link" onClick={() => host.openRun(run)}>
          {[artifact.function, run].filter(Boolean).join(' · ')}
        </button>
      )
    ],
    ['SHA-256', artifact.hash],
    ...plainFacts(artifact.meta).map(([key, value]): [string, ReactNode] => [key, shown(value)])
  ];
  return (
    <div className="jmo-artifact-page">
      <Facts facts={facts} />
      {Object.keys(artifact.labels).length > 0 ? (
        <>
          <h3 className="jmo-heading">{t('Labels')}</h3>
          <Facts facts={Object.entries(artifact.labels)} />
        </>
      ) : null}
      <UsedBy artifact={artifact} />
    </div>
  );
}

export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className="jmo-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={typeof value === 'string' ? value : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
