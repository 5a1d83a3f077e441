import { useMemo } from 'react';
import { plain } from '../../model/format';
import { useT } from '../surroundings';
import { Coloured } from './Coloured';
import { useLog } from './useLog';

const LINES = 8;
/** More characters of a line than this can't be in sight. */
const WIDTH = 1000;

/** The last lines of a run's log, and a way to all of it. Nothing while there is none. */
export function LogTail({ run, live, toAll }: { run: string; live: boolean; toAll(): void }) {
  const t = useT();
  const { log } = useLog(run, live);
  const lines = useMemo(() => (log?.lines ?? []).filter(line => plain(line.text).trim() !== '').slice(-LINES), [log]);
  return lines.length === 0 ? null : (
    <>
      <h4 className="jmo-heading">
        {t('Log')}
        <span className="jmo-spacer" />
        <button type="button" className="jmo-link" onClick={toAll}>
          {t('All of it')}
        </button>
      </h4>
      <div className="jmo-log jmo-log-tail">
        {lines.map(line => (
          <div key={line.key} className="jmo-clip">
            <Coloured text={line.text.slice(0, WIDTH)} from={line.look} />
          </div>
        ))}
      </div>
    </>
  );
}
