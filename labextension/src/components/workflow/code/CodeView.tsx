/** The workflow as text, in both its languages. The YAML is what is stored; Python is made from it and turned into it. */
import { useState } from 'react';
import { useHost, useT } from '../../surroundings';
import { Tabs } from '../../ui';
import { useEditor } from '../context';
import { mayLeaveCode } from './drafts';
import { PythonPane } from './PythonPane';
import { YamlPane } from './YamlPane';

export type CodeTab = 'python' | 'yaml';

export function CodeView({ first = 'python' }: { first?: CodeTab }) {
  const t = useT();
  const host = useHost();
  const { file, broken } = useEditor();
  const [tab, setTab] = useState<CodeTab>(broken ? 'yaml' : first); // of what can't be read there is no Python
  const turn = async (to: CodeTab) => {
    if (to === tab || tab === 'yaml' || (await mayLeaveCode(file, host))) {
      setTab(to);
    }
  };
  return (
    <section className="jmo-code-view" aria-label={t('Code')}>
      <div className="jmo-code-bar">
        <Tabs
          look="tabs"
          label={t('Language')}
          value={tab}
          onChange={(to: CodeTab) => void turn(to)}
          tabs={[
            { key: 'python' as const, label: t('Python') },
            { key: 'yaml' as const, label: t('YAML') }
          ]}
        />
        <span className="jmo-muted">{t('Esc, then Tab leaves the text')}</span>
      </div>
      {tab === 'python' ? <PythonPane toYaml={() => void turn('yaml')} /> : <YamlPane />}
    </section>
  );
}
