import { shortId } from '../../model/format';
import { useHost, useT } from '../surroundings';

/** What a cached run says: the run whose outputs it has. */
const AS_IN = /^as in (\d{8}-\d{6}-\w+)$/;

/** Why a run ended as it did; a run that is named opens. */
export function Reason({ text }: { text: string }) {
  const t = useT();
  const host = useHost();
  const run = AS_IN.exec(text)?.[1];
  return run === undefined ? (
    <>{text}</>
  ) : (
    <>
      {t('as in')}{' '}
      <button type="button" className="jmo-link" title={run} onClick={() => host.openRun(run)}>
        {shortId(run)}
      </button>
    </>
  );
}
