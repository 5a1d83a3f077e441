/** One step: how it stands, what it is given, what it writes. */
import { BookOpen, ExternalLink, Trash2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { duration, isFinished } from '../../../model/format';
import { functionOf, ON_EXIT, type IStep } from '../../../model/workflow/document';
import { tileOf } from '../../../model/workflow/ports';
import { useNow } from '../../answers';
import { useHost, useT } from '../../surroundings';
import { Empty, IconButton, KindIcon, StatePill, Tabs } from '../../ui';
import { LogViewer } from '../../log/LogViewer';
import { useEditor } from '../context';
import { useStepActions } from './actions';
import { HideButton } from './HideButton';
import { panel, type PanelTab } from './panel';
import { StepName } from './StepName';
import { StepOverview } from './StepOverview';
import { StepProperties } from './StepProperties';

export function StepPanel({ step }: { step: IStep }) {
  const t = useT();
  const { live } = useEditor();
  const [chosen, setChosen] = useState(panel.tab);
  useEffect(() => panel.onTab(setChosen), []);
  const line = live?.byName.get(step.name) ?? null;
  // of a step that never ran there is nothing to see yet; it stays as it is when it runs, as somebody may be writing in it
  const suits = useRef<{ step: string; tab: PanelTab } | null>(null);
  if (suits.current?.step !== step.name) {
    suits.current = { step: step.name, tab: line === null ? 'properties' : 'overview' };
  }
  const tab = chosen ?? suits.current.tab;
  const turn = (to: PanelTab) => panel.turn(to);
  return (
    <>
      <StepHeader step={step} />
      <Tabs
        label={t('About %1', step.name)}
        value={tab}
        onChange={turn}
        tabs={[
          { key: 'overview', label: t('Overview') },
          { key: 'properties', label: t('Properties') },
          { key: 'log', label: t('Log') }
        ]}
      />
      <div className="jmo-inspector-body" key={`${step.name} ${tab}`}>
        {tab === 'overview' ? <StepOverview step={step} toLog={() => turn('log')} /> : null}
        {tab === 'properties' ? <StepProperties step={step} /> : null}
        {tab === 'log' ? (
          line?.run ? (
            <LogViewer run={line.run} live={!isFinished(line.state)} />
          ) : (
            <Empty title={t('No log')}>{t('It is written when the step runs.')}</Empty>
          )
        ) : null}
      </div>
    </>
  );
}

function StepHeader({ step }: { step: IStep }) {
  const t = useT();
  const host = useHost();
  const { functions, live, readonly, select } = useEditor();
  const actions = useStepActions();
  const line = live?.byName.get(step.name) ?? null;
  const called = functions.get(functionOf(step) ?? '') ?? null;
  return (
    <header className="jmo-inspector-head">
      <div className="jmo-inspector-title">
        <KindIcon kind={tileOf(step, called)} />
        <div>
          <StepName step={step.name} fixed={readonly || step.name === ON_EXIT} />
          <div className="jmo-mono jmo-muted jmo-clip">{step.function ?? step.workflow ?? ''}</div>
        </div>
        <HideButton />
        <IconButton icon={X} label={t('Close')} onClick={() => select([])} />
      </div>
      <div className="jmo-inspector-state">
        <StatePill state={line?.state ?? 'none'} />
        <Took step={step.name} />
        <span className="jmo-spacer" />
        {line?.run ? (
          <IconButton icon={ExternalLink} label={t('Open its run')} onClick={() => host.openRun(line.run as string)} />
        ) : null}
        <IconButton
          icon={BookOpen}
          label={step.workflow === null ? t('Open its notebook') : t('Open the workflow')}
          onClick={() => actions.openCalled(step)}
        />
        {readonly ? null : <IconButton icon={Trash2} label={t('Delete step')} onClick={() => actions.remove([step.name])} />}
      </div>
    </header>
  );
}

function Took({ step }: { step: string }) {
  const { live } = useEditor();
  const line = live?.byName.get(step) ?? null;
  const goes = line !== null && line.started !== null && !isFinished(line.state);
  const now = useNow(goes);
  const seconds = goes ? Math.max(0, now - (line.started ?? now)) : (line?.seconds ?? null);
  return <span className="jmo-muted jmo-num">{duration(seconds)}</span>;
}
