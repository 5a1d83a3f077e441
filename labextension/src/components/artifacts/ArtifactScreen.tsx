/** One version of an artifact: what it is, what is in it, where it came from, who uses it. */
import { useState } from 'react';
import { useAnswer } from '../answers';
import { useT } from '../surroundings';
import { Loading, Problem, Tabs } from '../ui';
import { Details } from './Details';
import { Gone } from './Gone';
import { Header } from './Header';
import { Lineage } from './Lineage';
import { Preview } from './Preview';
import { Versions } from './Versions';

type Tab = 'preview' | 'lineage' | 'versions' | 'details';

export function ArtifactScreen(props: { uid: string }) {
  const t = useT();
  const [chosen, setChosen] = useState({ asked: props.uid, uid: props.uid });
  const uid = chosen.asked === props.uid ? chosen.uid : props.uid;
  const [tab, setTab] = useState<Tab>('preview');
  const [deleted, setDeleted] = useState<string | null>(null);
  const { value, error, refresh } = useAnswer('artifacts.get', deleted === uid ? null : { uid }, {
    stale: event => event.type === 'changed' && event.what === 'artifacts'
  });
  const choose = (version: string) => setChosen({ asked: props.uid, uid: version });
  if (deleted === uid) {
    return <Gone />;
  }
  const artifact = value?.uid === uid ? value : null;
  if (artifact === null) {
    return error ? <Problem error={error} retry={refresh} /> : <Loading />;
  }
  return (
    <div className="jmo-artifact">
      <Header
        artifact={artifact}
        onVersion={choose}
        onTags={refresh}
        onDeleted={() => {
          const other = artifact.versions.find(version => version.uid !== uid);
          if (other) {
            choose(other.uid);
          } else {
            setDeleted(uid);
          }
        }}
      />
      {error ? <Problem error={error} retry={refresh} /> : null}
      <Tabs<Tab>
        label={t('Artifact')}
        value={tab}
        onChange={setTab}
        tabs={[
          { key: 'preview', label: t('Preview') },
          { key: 'lineage', label: t('Lineage') },
          { key: 'versions', label: t('Versions'), count: artifact.versions.length },
          { key: 'details', label: t('Details') }
        ]}
      />
      <div className="jmo-artifact-body" role="tabpanel" aria-label={t('Artifact')}>
        {tab === 'preview' ? <Preview key={uid} artifact={artifact} /> : null}
        {tab === 'lineage' ? <Lineage key={uid} artifact={uid} /> : null}
        {tab === 'versions' ? <Versions artifact={artifact} onVersion={choose} /> : null}
        {tab === 'details' ? <Details artifact={artifact} /> : null}
      </div>
    </div>
  );
}
