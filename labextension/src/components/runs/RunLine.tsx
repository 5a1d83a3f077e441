/** A run, a group, or a place where a run will be, as a line of the table. */
import { ChevronDown, ChevronRight, EllipsisVertical, Trophy } from 'lucide-react';
import { memo, type CSSProperties, type MouseEvent } from 'react';
import type { IRunRow } from '../../model/contract';
import { valueOf, type IColumn } from '../../model/runs/columns';
import type { Group, IGroup } from '../../model/runs/groups';
import { useT } from '../surroundings';
import { IconButton, StateIcon, stateWord } from '../ui';
import { Cell } from './Cell';

export const ROW = 30;
export const TICK = 48;

export interface ILineEvents {
  open(run: string): void;
  /** `range` also takes what lies between. */
  choose(line: number, range: boolean): void;
  toggle(line: number): void;
  menu(line: number, event: MouseEvent): void;
  point(line: number): void;
  hover(run: string | null): void;
}

interface IPlace {
  id: string;
  line: number;
  top: number;
  cursor: boolean;
  events: ILineEvents;
}

interface IRunLineProps extends IPlace {
  row: IRunRow;
  depth: number;
  open: boolean;
  columns: IColumn[];
  /** Where each pinned column sticks, by its id. */
  stuck: ReadonlyMap<string, number>;
  longest: number;
  /** The best value of each result, by column. */
  bests: ReadonlyMap<string, number>;
  chosen: boolean;
  color: string | null;
}

const placed = (top: number): CSSProperties => ({ transform: `translateY(${top}px)`, height: ROW });

export const RunLine = memo(function RunLine(props: IRunLineProps) {
  const { row, line, columns, events, chosen, color, stuck } = props;
  const t = useT();
  return (
    <div
      id={props.id}
      className={`jmo-runs-row ${props.cursor ? 'jmo-cursor' : ''}`}
      role="row"
      aria-rowindex={line + 2}
      aria-level={props.depth + 1}
      aria-selected={chosen}
      aria-expanded={row.children > 0 ? props.open : undefined}
      style={placed(props.top)}
      onPointerDown={() => events.point(line)}
      onContextMenu={event => events.menu(line, event)}
      onDoubleClick={() => events.open(row.id)}
      onPointerEnter={chosen ? () => events.hover(row.id) : undefined}
      onPointerLeave={chosen ? () => events.hover(null) : undefined}
    >
      <span className="jmo-runs-tick" role="gridcell">
        <input
          type="checkbox"
          tabIndex={-1}
          checked={chosen}
          aria-label={t('Choose %1', row.name)}
          style={color === null ? undefined : { accentColor: color }}
          onChange={() => undefined}
          onClick={event => events.choose(line, event.shiftKey)}
        />
        <i
          className="jmo-runs-swatch"
          style={color === null ? undefined : { background: color, borderColor: color }}
          aria-hidden
        />
      </span>
      {columns.map(column => {
        const left = stuck.get(column.id);
        const value = column.section === 'about' ? null : valueOf(row, column);
        return (
          <span
            key={column.id}
            role="gridcell"
            className={`jmo-runs-cell ${column.right ? 'jmo-right' : ''} ${left === undefined ? '' : 'jmo-stuck'}`}
            style={left === undefined ? undefined : { left }}
          >
            {column.id === 'name' ? (
              <Name {...props} />
            ) : (
              <Cell
                row={row}
                column={column}
                longest={props.longest}
                best={value !== null && props.bests.get(column.id) === value}
              />
            )}
          </span>
        );
      })}
    </div>
  );
});

/** A run's name, with what opens its children, and its menu. */
function Name({ row, depth, open, line, events }: IRunLineProps) {
  const t = useT();
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <span className="jmo-runs-name" style={{ paddingLeft: depth * 18 }}>
      {row.children > 0 ? (
        <IconButton
          icon={Chevron}
          className="jmo-runs-chevron"
          tabIndex={-1}
          label={open ? t('Hide what %1 ran', row.name) : t('Show what %1 ran', row.name)}
          onClick={() => events.toggle(line)}
        />
      ) : (
        <i className="jmo-runs-chevron" aria-hidden />
      )}
      <button type="button" tabIndex={-1} className="jmo-clip" title={row.id} onClick={() => events.open(row.id)}>
        {row.name}
        {row.iteration === null ? null : <span className="jmo-muted"> #{row.iteration}</span>}
      </button>
      {row.children > 0 ? <span className="jmo-tag jmo-num">{row.children}</span> : null}
      {row.best ? (
        <span className="jmo-runs-trophy" role="img" aria-label={t('Best of its sweep')} title={t('Best of its sweep')}>
          <Trophy size={12} aria-hidden />
        </span>
      ) : null}
      <IconButton
        icon={EllipsisVertical}
        className="jmo-runs-more"
        tabIndex={-1}
        label={t('Actions for %1', row.name)}
        onClick={event => events.menu(line, event)}
      />
    </span>
  );
}

interface IGroupLineProps extends IPlace {
  group: IGroup;
  by: Group;
  open: boolean;
}

export const GroupLine = memo(function GroupLine({ id, line, top, cursor, events, group, by, open }: IGroupLineProps) {
  const t = useT();
  const Chevron = open ? ChevronDown : ChevronRight;
  const none: Record<string, string> = { function: t('No Function'), workflow: t('No workflow'), state: t('No state') };
  const isState = by === 'state' && group.value !== null;
  return (
    <div
      id={id}
      className={`jmo-runs-row jmo-runs-group ${cursor ? 'jmo-cursor' : ''}`}
      role="row"
      aria-rowindex={line + 2}
      aria-level={1}
      aria-expanded={open}
      style={placed(top)}
      onPointerDown={() => events.point(line)}
      onClick={() => events.toggle(line)}
    >
      <span role="gridcell" className="jmo-runs-group-name">
        <Chevron size={14} aria-hidden />
        {isState ? <StateIcon state={group.value as IRunRow['state']} size={11} /> : null}
        <strong>
          {group.value === null
            ? (none[by] ?? t('No such tag'))
            : isState
              ? stateWord(group.value as IRunRow['state'], t)
              : group.value}
        </strong>
        <span className="jmo-tag jmo-num">{group.count}</span>
      </span>
    </div>
  );
});

export function WaitingLine({ line, top }: { line: number; top: number }) {
  return <div className="jmo-runs-row jmo-runs-waiting" role="row" aria-rowindex={line + 2} style={placed(top)} aria-busy />;
}
