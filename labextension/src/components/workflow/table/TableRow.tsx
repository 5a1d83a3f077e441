import {
  CirclePlay,
  Ellipsis,
  ExternalLink,
  Pencil,
  Plus,
  SlidersHorizontal,
  Spline,
  StepForward,
  Trash2,
  Unlink
} from 'lucide-react';
import { duration, isFinished, shown } from '../../../model/format';
import { ON_EXIT } from '../../../model/workflow/document';
import { disconnect } from '../../../model/workflow/wiring';
import { useNow } from '../../answers';
import { useHost, useT } from '../../surroundings';
import { IconButton, StatePill, stateWord, WithMenu, type IMenuItem } from '../../ui';
import { useEditor } from '../context';
import { useStepActions } from '../inspector/actions';
import type { IRow } from './rows';

interface IRowProps {
  row: IRow;
  selected: boolean;
  /** Whether Tab comes to it. */
  reachable: boolean;
  onSelect(): void;
  onEdit(): void;
  onAdd(): void;
  onConnect(): void;
}

export function TableRow(props: IRowProps) {
  const t = useT();
  const { row, selected, reachable } = props;
  const { step, line, verdict } = row;
  const words = { cached: t('cached'), 'will run': t('will run'), skipped: t('skipped') };
  return (
    <tr
      data-step={step.name}
      aria-selected={selected}
      tabIndex={reachable ? 0 : -1}
      onClick={event => {
        props.onSelect();
        if (!(event.target as Element).closest('button')) {
          event.currentTarget.focus();
        }
      }}
      onDoubleClick={props.onEdit}
    >
      <th scope="row" role="rowheader">
        <span className="jmo-clip" title={step.name}>
          {step.name}
        </span>
        {row.problems ? (
          <span className="jmo-steps-wrong" title={t('Something is wrong with it')}>
            {row.problems === 1 ? t('1 problem') : t('%1 problems', row.problems)}
          </span>
        ) : null}
      </th>
      <td className="jmo-mono">{step.function ?? step.workflow}</td>
      <td>
        {row.needs.map(need => (
          <span key={need.edge.id} className="jmo-need jmo-mono">
            {need.text}
          </span>
        ))}
      </td>
      <td title={stateWord(line?.state ?? 'none', t)}>
        <StatePill state={line?.state ?? 'none'} />
        {line?.error ? (
          <div className="jmo-steps-error" title={shown(line.error, 1000)}>
            {shown(line.error, 120)}
          </div>
        ) : null}
      </td>
      <td className="jmo-num">{line ? <Took row={row} /> : null}</td>
      <td className="jmo-mono">
        {Object.entries(line?.results ?? {})
          .slice(0, 2)
          .map(([key, value]) => (
            <span key={key} className="jmo-result">
              <span className="jmo-muted">{key}</span> {shown(value, 24)}
            </span>
          ))}
      </td>
      <td title={verdict?.why}>
        {verdict ? words[verdict.verdict] : ''}
        {verdict?.why ? <div className="jmo-muted jmo-clip jmo-steps-why">{verdict.why}</div> : null}
      </td>
      <td>
        <RowMenu {...props} />
      </td>
    </tr>
  );
}

function Took({ row: { line } }: { row: IRow }) {
  const goes = line !== null && line.started !== null && !isFinished(line.state);
  const now = useNow(goes);
  return <>{duration(goes ? Math.max(0, now - (line.started ?? now)) : line?.seconds)}</>;
}

function RowMenu({ row, reachable, onEdit, onAdd, onConnect }: IRowProps) {
  const t = useT();
  const host = useHost();
  const { edit, live, readonly } = useEditor();
  const actions = useStepActions();
  const { name } = row.step;
  const run = row.line?.run ?? null;
  const going = live !== null && !isFinished(live.run.state);
  const cut = row.needs
    .filter(({ edge }) => edge.slot.field !== 'when' && edge.slot.field !== 'sweep')
    .map(({ text, edge }) => ({
      label: t('Disconnect %1', text),
      icon: Unlink,
      run: () => edit(t('Disconnect %1', text), all => disconnect(all, edge))
    }));
  const changes: (IMenuItem | 'line')[] = [
    { label: t('Edit'), icon: SlidersHorizontal, run: onEdit },
    ...(name === ON_EXIT
      ? []
      : [
          { label: t('Add a step after it…'), icon: Plus, run: onAdd },
          { label: t('Connect to…'), icon: Spline, run: onConnect }
        ]),
    ...cut,
    ...(name === ON_EXIT ? [] : [{ label: t('Rename…'), icon: Pencil, run: () => actions.askName(name) }]),
    { label: t('Delete'), icon: Trash2, run: () => actions.remove([name]) },
    'line',
    { label: t('Run from here'), icon: StepForward, disabled: going, run: () => actions.runFrom(name) },
    { label: t('Only this step'), icon: CirclePlay, disabled: going, run: () => actions.runOnly([name]) }
  ];
  const items: (IMenuItem | 'line')[] = [
    ...(readonly ? [{ label: t('Look at it'), icon: SlidersHorizontal, run: onEdit }] : changes),
    { label: t('Open its run'), icon: ExternalLink, disabled: run === null, run: () => run !== null && host.openRun(run) }
  ];
  return (
    <WithMenu items={items} label={t('Actions of %1', name)}>
      {button => <IconButton icon={Ellipsis} label={t('Actions of %1', name)} tabIndex={reachable ? 0 : -1} {...button} />}
    </WithMenu>
  );
}
