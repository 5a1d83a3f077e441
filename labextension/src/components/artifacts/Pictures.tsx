/** Pictures and pages: never part of our own page. */
import { useState } from 'react';
import { imageAddress, sealed, svgAddress } from '../../model/artifacts/sandbox';
import type { IArtifactDetail } from '../../model/contract';
import { useT } from '../surroundings';
import { Empty } from '../ui';
import { Cut, WithText } from './TextPreview';

interface IProps {
  artifact: IArtifactDetail;
}

export function ImagePreview({ artifact }: IProps) {
  const t = useT();
  return (
    <WithText uid={artifact.uid}>
      {found => {
        const address = found.encoding === 'base64' && !found.cut ? imageAddress(found.mime, found.text) : null;
        return address === null ? (
          <Empty title={t('No preview')}>{t('This picture can’t be shown here. Download it to see it.')}</Empty>
        ) : (
          <Picture address={address} name={artifact.key} />
        );
      }}
    </WithText>
  );
}

export const SvgPreview = ({ artifact }: IProps) => (
  <WithText uid={artifact.uid}>{found => <Picture address={svgAddress(found.text)} name={artifact.key} />}</WithText>
);

/** What isn't what its name says can't be drawn: then it says so. */
function Picture({ address, name }: { address: string; name: string }) {
  const t = useT();
  const [broken, setBroken] = useState(false);
  return broken ? (
    <Empty title={t('No preview')}>{t('This isn’t a picture that can be shown. Download it to look into it.')}</Empty>
  ) : (
    <div className="jmo-picture">
      <img src={address} alt={name} onError={() => setBroken(true)} />
    </div>
  );
}

export function HtmlPreview({ artifact }: IProps) {
  const t = useT();
  return (
    <WithText uid={artifact.uid}>
      {found => (
        <div className="jmo-framed">
          <Cut found={found} />
          <iframe
            title={t('Preview of %1', artifact.key)}
            sandbox="allow-scripts"
            referrerPolicy="no-referrer"
            srcDoc={sealed(found.text)}
          />
        </div>
      )}
    </WithText>
  );
}
