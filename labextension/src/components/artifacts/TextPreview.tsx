import type { ReactNode } from 'react';
import type { ITextPreview } from '../../model/contract';
import { bytes, plain } from '../../model/format';
import { useAnswer } from '../answers';
import { useT } from '../surroundings';
import { Empty, Loading, Problem } from '../ui';

/** Fetch the text of an artifact, and show it with `children`. */
export function WithText({ uid, children }: { uid: string; children(found: ITextPreview): ReactNode }) {
  const { value, error, refresh } = useAnswer('artifacts.text', { uid });
  if (value === null) {
    return error ? <Problem error={error} retry={refresh} /> : <Loading />;
  }
  return <>{children(value)}</>;
}

export const TextPreview = ({ uid }: { uid: string }) => (
  <WithText uid={uid}>
    {found =>
      found.size === 0 ? (
        <NothingInIt />
      ) : (
        <div className="jmo-artifact-page">
          <Cut found={found} />
          <pre className="jmo-log" tabIndex={0}>
            {plain(found.text)}
          </pre>
        </div>
      )
    }
  </WithText>
);

export function NothingInIt() {
  const t = useT();
  return <Empty title={t('There is nothing in it')} />;
}

/** Says when only the beginning is shown. */
export function Cut({ found }: { found: ITextPreview }) {
  const t = useT();
  return found.cut ? (
    <p className="jmo-cut" role="note">
      {t('Only the beginning is shown: %1 in all. Download it to see the rest.', bytes(found.size))}
    </p>
  ) : null;
}
