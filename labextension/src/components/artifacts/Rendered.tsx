/** Charts that Lab's own renderers draw; where there are none, their description as a tree. */
import { useEffect, useRef, useState } from 'react';
import type { IArtifactDetail, ITextPreview, Json } from '../../model/contract';
import { useHost, useT } from '../surroundings';
import { JsonText, parsed } from './JsonPreview';
import { WithText } from './TextPreview';

const MIME = { plotly: 'application/vnd.plotly.v1+json', vega: 'application/vnd.vegalite.v5+json' };

export const Rendered = ({ artifact }: { artifact: IArtifactDetail }) => (
  <WithText uid={artifact.uid}>{found => <Chart artifact={artifact} found={found} />}</WithText>
);

function Chart({ artifact, found }: { artifact: IArtifactDetail; found: ITextPreview }) {
  const t = useT();
  const { render } = useHost();
  const place = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState(true);
  const mime = artifact.mime ?? (artifact.preview === 'vega' ? MIME.vega : MIME.plotly);
  useEffect(() => {
    const node = place.current;
    const value: Json | undefined = parsed(found.text);
    if (!node || !render || value === undefined) {
      setDrawn(false);
      return undefined;
    }
    const end = render(mime, value, node);
    setDrawn(node.childElementCount > 0);
    return end;
  }, [render, mime, found.text]);
  return (
    <>
      <div ref={place} className="jmo-rendered" hidden={!drawn} />
      {drawn ? null : (
        <>
          <p className="jmo-cut" role="note">
            {t('No renderer for %1 here: this is the chart’s description.', mime)}
          </p>
          <JsonText found={found} />
        </>
      )}
    </>
  );
}
