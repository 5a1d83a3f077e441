/** The head of the table: sorts by a click, and lets columns be moved, widened, pinned and hidden. */
import { ArrowDown, ArrowUp, ChevronDown } from 'lucide-react';
import { useState, type KeyboardEvent, type PointerEvent } from 'react';
import { lessIsBetter, move, pin, prefer, resize, show, type IColumn, type IColumnState } from '../../model/runs/columns';
import { useT } from '../surroundings';
import { IconButton, Menu, type IMenuItem } from '../ui';
import { titleOf } from './titles';

export interface IHeadProps {
  columns: IColumn[];
  state: IColumnState;
  usual: string[];
  onColumns(change: (state: IColumnState) => IColumnState): void;
  sort: { by: string; descending: boolean };
  onSort(by: string, descending?: boolean): void;
  stuck: ReadonlyMap<string, number>;
  /** Whether all, some or none of the runs at hand are chosen. */
  ticked: boolean | null;
  onTick(): void;
  /** Write the beginning of a condition on a column into the query. */
  onFilter(column: IColumn): void;
  /** Go to the rows. */
  onDown(): void;
}

export function TableHead(props: IHeadProps) {
  const { columns, ticked } = props;
  const t = useT();
  const [menu, setMenu] = useState<{ column: IColumn; left: number } | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const walk = (event: KeyboardEvent<HTMLElement>): void => {
    const heads = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-head]')];
    const at = heads.indexOf(document.activeElement as HTMLElement);
    const column = columns[at];
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: heads.length - 1 }[event.key];
    if (column === undefined) {
      return;
    }
    if (event.key === 'ArrowDown' && !event.altKey) {
      props.onDown();
    } else if (
      (event.key === 'ArrowDown' && event.altKey) ||
      event.key === 'ContextMenu' ||
      (event.key === 'F10' && event.shiftKey)
    ) {
      setMenu({ column, left: heads[at].offsetLeft });
    } else if (to === undefined || heads[to] === undefined) {
      return;
    } else if (event.ctrlKey) {
      props.onColumns(state => move(state, props.usual, column.id, columns[to].id));
    } else if (event.shiftKey) {
      props.onColumns(state => resize(state, column.id, column.width + 12 * Math.sign(to - at)));
    } else {
      heads[to].focus();
    }
    event.preventDefault();
  };
  return (
    <div className="jmo-runs-head" role="row" aria-rowindex={1} onKeyDown={walk}>
      <span className="jmo-runs-tick" role="columnheader">
        <input
          type="checkbox"
          tabIndex={-1}
          checked={ticked === true}
          ref={box => box && (box.indeterminate = ticked === null)}
          onChange={props.onTick}
          aria-label={t('Choose the runs that were read')}
        />
      </span>
      {columns.map(column => (
        <Head
          key={column.id}
          {...props}
          column={column}
          over={over === column.id}
          onOver={setOver}
          onMenu={left => setMenu({ column, left })}
        />
      ))}
      {menu ? (
        <Menu
          label={t('Column %1', titleOf(menu.column, t))}
          items={itemsOf(menu.column, props, t)}
          onClose={() => setMenu(null)}
          style={{ left: menu.left, top: '100%' }}
        />
      ) : null}
    </div>
  );
}

interface IOneHeadProps extends IHeadProps {
  column: IColumn;
  over: boolean;
  onOver(column: string | null): void;
  onMenu(left: number): void;
}

function Head({ column, over, onOver, onMenu, ...props }: IOneHeadProps) {
  const t = useT();
  const { sort, stuck, columns } = props;
  const sorted = sort.by === column.id;
  const title = titleOf(column, t);
  const drag = 'application/x-jmo-column';
  const Arrow = sort.descending ? ArrowDown : ArrowUp;
  const isFirst = !columns.some(other => other.id === sort.by) && columns[0].id === column.id;
  return (
    <span
      role="columnheader"
      aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
      className={`jmo-runs-cell jmo-in-${column.section} ${column.right ? 'jmo-right' : ''} ${stuck.has(column.id) ? 'jmo-stuck' : ''} ${over ? 'jmo-over' : ''}`}
      style={{ left: stuck.get(column.id) }}
      draggable
      onDragStart={event => {
        event.dataTransfer.setData(drag, column.id);
        event.dataTransfer.effectAllowed = 'move';
      }}
      onDragOver={event => event.dataTransfer.types.includes(drag) && (event.preventDefault(), onOver(column.id))}
      onDragLeave={() => onOver(null)}
      onDrop={event => {
        const id = event.dataTransfer.getData(drag);
        event.preventDefault();
        onOver(null);
        props.onColumns(state => move(state, props.usual, id, column.id));
      }}
    >
      <button
        type="button"
        data-head
        tabIndex={sorted || isFirst ? 0 : -1}
        className={sorted ? 'jmo-sorted' : ''}
        title={title}
        onClick={() => props.onSort(column.id)}
      >
        <span className="jmo-clip">{title}</span>
        {sorted ? <Arrow size={12} aria-hidden /> : null}
      </button>
      <IconButton
        icon={ChevronDown}
        tabIndex={-1}
        className="jmo-runs-more"
        label={t('Column %1', title)}
        onClick={event => onMenu((event.currentTarget.closest('[role=columnheader]') as HTMLElement).offsetLeft)}
      />
      <i className="jmo-runs-grip" aria-hidden onPointerDown={event => widen(event, column, props.onColumns)} />
    </span>
  );
}

/** Follow the pointer until it is let go. */
function widen(event: PointerEvent<HTMLElement>, column: IColumn, onColumns: IHeadProps['onColumns']): void {
  event.preventDefault();
  const from = event.clientX;
  const grip = event.currentTarget;
  grip.setPointerCapture(event.pointerId);
  const moved = (now: globalThis.PointerEvent): void =>
    onColumns(state => resize(state, column.id, column.width + now.clientX - from));
  grip.addEventListener('pointermove', moved);
  grip.addEventListener('lostpointercapture', () => grip.removeEventListener('pointermove', moved), { once: true });
}

function itemsOf(column: IColumn, props: IHeadProps, t: (text: string) => string): (IMenuItem | 'line')[] {
  const { columns, state, usual, onColumns, onSort } = props;
  const at = columns.findIndex(other => other.id === column.id);
  const to =
    (step: number): IMenuItem['run'] =>
    () =>
      columns[at + step] && onColumns(before => move(before, usual, column.id, columns[at + step].id));
  const less = lessIsBetter(state, column);
  const better =
    (which: boolean): IMenuItem['run'] =>
    () =>
      onColumns(before => prefer(before, column.id, which));
  return [
    { label: t('Sort ascending'), run: () => onSort(column.id, false) },
    { label: t('Sort descending'), run: () => onSort(column.id, true) },
    { label: t('Filter'), run: () => props.onFilter(column) },
    'line',
    ...(column.section === 'results'
      ? [
          { label: t('More is better'), checked: !less, single: true, run: better(false) },
          { label: t('Less is better'), checked: less, single: true, run: better(true) },
          'line' as const
        ]
      : []),
    { label: t('Pinned'), checked: state.pinned.includes(column.id), run: () => onColumns(before => pin(before, column.id)) },
    { label: t('Move left'), disabled: at === 0, run: to(-1) },
    { label: t('Move right'), disabled: at === columns.length - 1, run: to(1) },
    { label: t('Wider'), run: () => onColumns(before => resize(before, column.id, column.width * 1.3)) },
    { label: t('Narrower'), run: () => onColumns(before => resize(before, column.id, column.width / 1.3)) },
    { label: t('Hide'), disabled: column.id === 'name', run: () => onColumns(before => show(before, usual, column.id)) }
  ];
}
