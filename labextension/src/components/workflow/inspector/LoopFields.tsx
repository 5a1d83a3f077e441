/** Steps that run many times: once for each item, or over a grid of params. */
import type { Value } from '../../../model/contract';
import type { IStep } from '../../../model/workflow/document';
import { setItem } from '../../../model/workflow/edits';
import { useT } from '../../surroundings';
import { useEditor } from '../context';
import { Entry, TextEntry } from './Entry';
import { useSet } from './MoreFields';
import { useReferences } from './StepFields';
import { enteredList, typedList, without } from './typed';
import { useCallee } from './useCallee';
import { ValueEntry } from './ValueEntry';

export function ForeachFields({ step }: { step: IStep }) {
  const t = useT();
  const { edit } = useEditor();
  const { error, readonly } = useSet(step);
  const { parameters, inputs } = useCallee(step);
  const options = useReferences(step.name);
  const free = [...parameters, ...inputs].map(each => each.name).filter(name => !(name in step.foreach));
  const set = (name: string, value: Value | undefined) =>
    edit(t('Set %1 of %2', name, step.name), text => {
      // what goes over a list isn't given at the same time
      const cleared = ['params', 'inputs'].reduce(
        (left, group) => setItem(left, step.name, group as 'params' | 'inputs', name, null),
        text
      );
      return setItem(cleared, step.name, 'foreach', name, value ?? null);
    });
  return (
    <>
      {Object.entries(step.foreach).map(([name, value]) => (
        <ValueEntry
          key={name}
          label={t('For each %1 of', name)}
          error={error('foreach', name) ?? error('foreach')}
          list
          control="python"
          fallback="1, 2, 3"
          value={value}
          options={options}
          disabled={readonly}
          onSet={next => set(name, next)}
        />
      ))}
      <Adder label={t('For each')} names={free} disabled={readonly} onAdd={name => set(name, [])} />
    </>
  );
}

const isGroup = (value: Value | undefined): value is Record<string, Value> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function SweepFields({ step }: { step: IStep }) {
  const t = useT();
  const { set, error, readonly } = useSet(step);
  const { parameters } = useCallee(step);
  const sweep = isGroup(step.sweep) ? step.sweep : {};
  const grid = isGroup(sweep.grid) ? sweep.grid : {};
  const more = Object.keys(sweep).filter(name => name !== 'grid' && name !== 'select');
  const free = parameters.map(each => each.name).filter(name => !(name in grid));
  const setGrid = (name: string, value: Value | undefined) => {
    const next = value === undefined ? without(grid, name) : { ...grid, [name]: value };
    const rest = without(sweep, 'grid');
    if (Object.keys(next).length) {
      set('sweep', { grid: next, ...rest });
    } else {
      // nothing is left to choose the best of
      set('sweep', more.length ? rest : null);
    }
  };
  return (
    <>
      {Object.entries(grid).map(([name, values]) => (
        <TextEntry
          key={name}
          mono
          label={t('Try %1 =', name)}
          text={typedList(values)}
          placeholder="2, 4, 8"
          error={error('sweep')}
          disabled={readonly}
          check={typed => enteredList(typed, t).error}
          onCommit={typed => {
            const found = enteredList(typed, t);
            if (found.error === null) {
              setGrid(name, found.value);
            }
          }}
        />
      ))}
      {Object.keys(sweep).length ? (
        <TextEntry
          mono
          label={t('Best by')}
          text={typeof sweep.select === 'string' ? sweep.select : ''}
          placeholder="max:accuracy"
          disabled={readonly}
          onCommit={typed => {
            const others = without(sweep, 'select');
            set('sweep', typed.trim() === '' ? others : { ...others, select: typed.trim() });
          }}
        />
      ) : null}
      {more.length ? <p className="jmo-muted">{t('More is said in the code: %1.', more.join(', '))}</p> : null}
      <Adder label={t('Try values of')} names={free} disabled={readonly} onAdd={name => setGrid(name, [])} />
    </>
  );
}

function Adder(props: { label: string; names: readonly string[]; disabled: boolean; onAdd(name: string): void }) {
  const t = useT();
  return props.names.length === 0 ? null : (
    <Entry label={props.label}>
      {ids => (
        <select
          {...ids}
          className="jmo-input"
          value=""
          disabled={props.disabled}
          onChange={event => event.target.value && props.onAdd(event.target.value)}
        >
          <option value="">{t('Choose…')}</option>
          {props.names.map(name => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Entry>
  );
}
