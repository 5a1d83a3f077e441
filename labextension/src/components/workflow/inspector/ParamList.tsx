/** The parameters of the workflow: added, renamed, typed, removed. */
import { Trash2 } from 'lucide-react';
import type { Value } from '../../../model/contract';
import type { IWorkflowParam } from '../../../model/workflow/document';
import { renameParam, setParam } from '../../../model/workflow/edits';
import { useT } from '../../surroundings';
import { IconButton } from '../../ui';
import { AddName } from './AddName';
import { useEditor } from '../context';
import { SelectEntry, TextEntry } from './Entry';
import { problemOf } from './problems';
import { entered, typedOf } from './typed';
import { parameterOf } from './useCallee';

const TYPES = ['int', 'float', 'str', 'bool', 'list', 'dict'];

export function ParamList() {
  const t = useT();
  const { doc, edit, readonly } = useEditor();
  return (
    <>
      {doc.params.map(param => (
        <ParamFields key={param.name} param={param} />
      ))}
      {readonly ? null : (
        <AddName
          label={t('Add a parameter')}
          taken={doc.params.map(param => param.name)}
          onAdd={name => edit(t('Add parameter %1', name), text => setParam(text, name, { type: 'str' }))}
        />
      )}
    </>
  );
}

function ParamFields({ param }: { param: IWorkflowParam }) {
  const t = useT();
  const { doc, edit, problems, readonly } = useEditor();
  const { control } = parameterOf(param);
  const set = (change: { default?: Value | undefined; type?: string | null; help?: string }) => {
    const before = { type: param.type, help: param.help, ...(param.required ? {} : { default: param.default }) };
    const next = { ...before, ...change };
    edit(t('Set parameter %1', param.name), text => setParam(text, param.name, next));
  };
  const types = param.type === null || TYPES.includes(param.type) ? TYPES : [param.type, ...TYPES];
  return (
    <fieldset className="jmo-param" aria-label={param.name}>
      <div className="jmo-param-name">
        <TextEntry
          label={t('Name')}
          mono
          text={param.name}
          disabled={readonly}
          check={to =>
            to !== param.name && doc.params.some(other => other.name === to)
              ? t('There is one of that name')
              : /^[A-Za-z]\w*$/.test(to)
                ? null
                : t('Letters, digits and _; begin with a letter')
          }
          onCommit={to => edit(t('Rename parameter %1', param.name), text => renameParam(text, param.name, to))}
        />
        {readonly ? null : (
          <IconButton
            icon={Trash2}
            label={t('Remove %1', param.name)}
            onClick={() => edit(t('Remove parameter %1', param.name), text => setParam(text, param.name, null))}
          />
        )}
      </div>
      <div className="jmo-fields-row">
        <TextEntry
          label={t('Default')}
          mono={control !== 'str'}
          text={param.required ? '' : typedOf(param.default, control)}
          placeholder={t('Required')}
          error={problemOf(problems, null, 'params', param.name)}
          disabled={readonly}
          check={typed => entered(typed, control === 'bool' ? 'python' : control, t).error}
          onCommit={typed => {
            const found = entered(typed, control === 'bool' ? 'python' : control, t);
            if (found.error === null) {
              set({ default: found.value });
            }
          }}
        />
        <SelectEntry
          label={t('Type')}
          value={param.type ?? ''}
          options={[{ value: '', label: t('Any') }, ...types.map(type => ({ value: type, label: type }))]}
          disabled={readonly}
          onPick={type => set({ type: type === '' ? null : type })}
        />
      </div>
      <TextEntry label={t('Help')} text={param.help} disabled={readonly} onCommit={typed => set({ help: typed.trim() })} />
    </fieldset>
  );
}
