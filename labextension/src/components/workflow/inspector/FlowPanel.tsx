/** The workflow itself: what it is, takes and gives, and how its last runs went. */
import { Pencil } from 'lucide-react';
import { ago, duration } from '../../../model/format';
import { ON_EXIT } from '../../../model/workflow/document';
import { setDescription, setOnExit, setOutput } from '../../../model/workflow/edits';
import { functionOf } from '../../../model/workflow/document';
import { referenceOf } from '../../../model/workflow/values';
import { useAnswer } from '../../answers';
import { useHost, useT } from '../../surroundings';
import { IconButton, KindIcon, StateIcon } from '../../ui';
import { useEditor } from '../context';
import { SelectEntry, TextEntry } from './Entry';
import { ParamList } from './ParamList';
import { problemOf } from './problems';
import { AddName } from './AddName';
import { HideButton } from './HideButton';
import { useReferences } from './StepFields';
import { ValueEntry } from './ValueEntry';

export function FlowPanel() {
  const t = useT();
  const { doc, file, edit, problems, readonly } = useEditor();
  const loose = problems.filter(problem => problem.step === null && problem.field === null);
  return (
    <>
      <header className="jmo-inspector-head">
        <div className="jmo-inspector-title">
          <KindIcon kind="workflow" />
          <div>
            <h3 className="jmo-clip">{file.name}</h3>
            <div className="jmo-muted">{doc.steps.length === 1 ? t('1 step') : t('%1 steps', doc.steps.length)}</div>
          </div>
          <HideButton />
        </div>
      </header>
      <div className="jmo-inspector-body">
        {loose.map(problem => (
          <p key={problem.text} className="jmo-field-error">
            {problem.text}
          </p>
        ))}
        <TextEntry
          label={t('Description')}
          lines={2}
          text={doc.description}
          error={problemOf(problems, null, 'description')}
          disabled={readonly}
          onCommit={typed => edit(t('Set the description'), text => setDescription(text, typed.trim()))}
        />
        <h4 className="jmo-heading">{t('Parameters')}</h4>
        <ParamList />
        <OutputList />
        <h4 className="jmo-heading">{t('At the end')}</h4>
        <OnExit />
        <LastRuns />
      </div>
    </>
  );
}

function OutputList() {
  const t = useT();
  const { doc, edit, problems, readonly } = useEditor();
  const options = useReferences('');
  if (options.length + Object.keys(doc.outputs).length === 0) {
    return null;
  }
  /** What is likely meant: an output of that name, else one of the last step. */
  const likely = (name: string) =>
    ([...options].reverse().find(({ value }) => referenceOf(value)?.output === name) ?? options[options.length - 1]).value;
  return (
    <>
      <h4 className="jmo-heading">{t('Outputs')}</h4>
      {Object.entries(doc.outputs).map(([name, value]) => (
        <ValueEntry
          key={name}
          label={name}
          error={problemOf(problems, null, 'outputs', name)}
          control="python"
          value={value}
          options={options}
          disabled={readonly}
          onSet={next => edit(t('Set output %1', name), text => setOutput(text, name, next ?? null))}
        />
      ))}
      {readonly || options.length === 0 ? null : (
        <AddName
          label={t('Add an output')}
          taken={Object.keys(doc.outputs)}
          onAdd={name => edit(t('Add output %1', name), text => setOutput(text, name, likely(name)))}
        />
      )}
    </>
  );
}

function OnExit() {
  const t = useT();
  const { doc, functions, edit, select, readonly } = useEditor();
  const now = doc.on_exit ? (functionOf(doc.on_exit) ?? '') : '';
  const names = [...new Set([...functions.keys(), ...(now ? [now] : [])])];
  return (
    <SelectEntry
      label={t('Run, whatever happened')}
      value={now}
      options={[{ value: '', label: t('Nothing') }, ...names.map(name => ({ value: name, label: name }))]}
      disabled={readonly}
      action={
        doc.on_exit ? <IconButton icon={Pencil} label={t('Edit what runs at the end')} onClick={() => select([ON_EXIT])} /> : null
      }
      onPick={name => edit(t('Set what runs at the end'), text => setOnExit(text, name === '' ? null : { function: name }))}
    />
  );
}

function LastRuns() {
  const t = useT();
  const host = useHost();
  const { file } = useEditor();
  const runs = useAnswer(
    'runs.list',
    { target: file.name, parent: null, limit: 5 },
    {
      stale: event =>
        event.type === 'removed' || (event.type === 'run' && event.run.workflow === file.name && event.run.parent === null)
    }
  );
  const rows = runs.value?.rows ?? [];
  return rows.length === 0 ? null : (
    <>
      <h4 className="jmo-heading">{t('Last runs')}</h4>
      {rows.map(row => (
        <button key={row.id} type="button" className="jmo-line-button" onClick={() => host.openRun(row.id)}>
          <StateIcon state={row.state} />
          <span className="jmo-clip">{row.name}</span>
          <span className="jmo-spacer" />
          <span className="jmo-muted jmo-num">{duration(row.duration)}</span>
          <span className="jmo-muted">{ago(row.created)}</span>
        </button>
      ))}
    </>
  );
}
