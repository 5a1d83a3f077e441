/** What is in an artifact, as suits it. All of it is untrusted: text stays text, pictures are pictures, HTML is locked in. */
import type { ReactNode } from 'react';
import { fileCount, listed } from '../../model/artifacts/facts';
import type { IArtifactDetail } from '../../model/contract';
import { bytes } from '../../model/format';
import { useT } from '../surroundings';
import { Empty } from '../ui';
import { JsonPreview } from './JsonPreview';
import { ModelPreview } from './ModelPreview';
import { HtmlPreview, ImagePreview, SvgPreview } from './Pictures';
import { Rendered } from './Rendered';
import { TablePreview } from './TablePreview';
import { NothingInIt, TextPreview, WithText } from './TextPreview';

export function Preview({ artifact }: { artifact: IArtifactDetail }): ReactNode {
  const t = useT();
  if (!artifact.whole) {
    return (
      <Empty title={t('The content is missing')}>
        {t('What is known about this artifact is kept, but its bytes aren’t in the artifact store any more.')}
      </Empty>
    );
  }
  switch (artifact.preview) {
    case 'table':
      return <TablePreview uid={artifact.uid} />;
    case 'image':
      return <ImagePreview artifact={artifact} />;
    case 'svg':
      return <SvgPreview artifact={artifact} />;
    case 'html':
      return <HtmlPreview artifact={artifact} />;
    case 'plotly':
    case 'vega':
      return <Rendered artifact={artifact} />;
    case 'model':
      return <ModelPreview artifact={artifact} />;
    case 'json':
      return <JsonPreview uid={artifact.uid} />;
    case 'text':
      return <TextPreview uid={artifact.uid} />;
    case 'dir':
      return <DirPreview artifact={artifact} />;
    case 'none':
      return (
        <Empty title={t('No preview')}>
          {t('%1 of %2. Load it in Python:', bytes(artifact.size), artifact.type)}{' '}
          <code className="jmo-mono">{`project.artifact("${artifact.key}").load()`}</code>
        </Empty>
      );
  }
}

/** The files of a folder, as the listing has them: size, two spaces, path. */
function DirPreview({ artifact }: { artifact: IArtifactDetail }) {
  const t = useT();
  const total = fileCount(artifact.meta);
  return (
    <WithText uid={artifact.uid}>
      {found => {
        const files = listed(found.text);
        return files.length === 0 ? (
          <NothingInIt />
        ) : (
          <div className="jmo-artifact-page">
            <h3 className="jmo-heading">{(total || files.length) === 1 ? t('1 file') : t('%1 files', total || files.length)}</h3>
            <ul className="jmo-files">
              {files.map(file => (
                <li key={file.path}>
                  <span className="jmo-mono">{file.path}</span>
                  <span className="jmo-muted jmo-num">{bytes(file.size)}</span>
                </li>
              ))}
            </ul>
            {found.cut && total > files.length ? <p className="jmo-muted">{t('and %1 more', total - files.length)}</p> : null}
          </div>
        );
      }}
    </WithText>
  );
}
