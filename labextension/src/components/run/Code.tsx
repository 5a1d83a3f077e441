import type { IRunDetail } from '../../model/contract';
import { diffLines } from '../../model/runs/detail';
import { useAnswer } from '../answers';
import { useT } from '../surroundings';
import { Empty, Loading, Problem } from '../ui';

const SIGN = { same: ' ', added: '+', removed: '-', place: '' };

/** What its Function's code changed since the version before. */
export function Code({ run }: { run: IRunDetail }) {
  const t = useT();
  const { value, error, refresh } = useAnswer('runs.diff', { run: run.id });
  if (value === null) {
    return error ? <Problem error={error} retry={refresh} /> : <Loading />;
  }
  const version = value.to.slice(0, 8);
  if (value.lines.length === 0) {
    return value.from === null ? (
      <Empty title={t('The first version')}>{t('There is none before %1 to compare it with.', version)}</Empty>
    ) : (
      <Empty title={t('Nothing changed')}>{t('%1 has the same code as the version before.', version)}</Empty>
    );
  }
  const first = value.from === null; // then nothing changed: it is the code
  const lines = diffLines(value.lines).filter(line => !first || line.kind !== 'place');
  return (
    <section aria-label={first ? t('Code') : t('Changes of the code')}>
      <p className="jmo-muted">
        {first || value.from === null ? t('The first version, %1', version) : t('From %1 to %2', value.from.slice(0, 8), version)}
      </p>
      <div className="jmo-run-diff" tabIndex={0} role="region" aria-label={t('Changed lines')}>
        {lines.map((line, at) => (
          <div key={at} className={`jmo-run-diff-${first ? 'same' : line.kind}`}>
            <span aria-hidden>{line.before ?? ''}</span>
            <span aria-hidden>{line.after ?? ''}</span>
            <span
              hidden={first}
              aria-label={line.kind === 'added' ? t('added') : line.kind === 'removed' ? t('removed') : undefined}
              role="img"
            >
              {SIGN[line.kind]}
            </span>
            <code>{line.text}</code>
          </div>
        ))}
      </div>
    </section>
  );
}
