/** All runs of the project: queried, sorted, grouped, chosen, compared; live. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { Unreachable } from '../../model/backend';
import type { IRunRow } from '../../model/contract';
import { startsDescending, type IColumn } from '../../model/runs/columns';
import { named, tagClause } from '../../model/runs/query';
import { extend, isChosen, NONE, patched, toggle, without, type ISelection } from '../../model/runs/selection';
import { useEvents } from '../answers';
import { Linked } from '../charts';
import { useHost, useT } from '../surroundings';
import { Button, Empty, Loading, Menu, Problem } from '../ui';
import { Beginnings } from './Beginnings';
import { Chosen } from './Chosen';
import { RunsBar } from './RunsBar';
import { RunsTable } from './RunsTable';
import { menuOf } from './rowMenu';
import { useColumns } from './useColumns';
import { useRunActions } from './useRunActions';
import { useBoard, useSettings } from './useRuns';

export function RunsScreen({ query = '' }: { query?: string }) {
  const t = useT();
  const host = useHost();
  const actions = useRunActions();
  const field = useRef<HTMLInputElement>(null);
  const { settings, set, columns: setColumns } = useSettings(query);
  const { shown: board, asked } = useBoard(settings);
  const [selection, setSelection] = useState<ISelection>(NONE);
  const [draft, setDraft] = useState<{ text: string } | null>(null);
  const [menu, setMenu] = useState<{ row: IRunRow; at: { left: number; top: number } } | null>(null);
  useEvents(event => {
    if (event.type === 'run') {
      setSelection(now => patched(now, event.run));
    } else if (event.type === 'removed') {
      setSelection(now => without(now, event.run));
    }
  });

  useEffect(() => host.onChosen?.(selection.rows.map(row => row.id)), [host, selection]);

  const chosen = selection.rows.map(row => row.id).join('\n');
  useEffect(() => host.onChosen?.(chosen === '' ? [] : chosen.split('\n')), [host, chosen]);
  const linked = useMemo(() => new Linked(), []);
  const { version } = board;
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const known = useMemo(() => board.known(), [board, version]);
  const others = useOthers(known, selection.rows.length >= 2);
  const { every, usual, columns } = useColumns(board.columns, known, settings.columns);
  const sortBy = (by: string, descending?: boolean): void => {
    const column = every.find(({ id }) => id === by);
    const turned = settings.sort.by === by ? !settings.sort.descending : !column || startsDescending(column, settings.columns);
    set({ sort: { by, descending: descending ?? turned } });
  };
  const choose = (row: IRunRow, between: IRunRow[] | null): void =>
    setSelection(now => (between === null ? toggle(now, row) : extend(now, between)));
  const remove = (rows: IRunRow[]): void => void actions.remove(rows);
  const begin = (column: IColumn): void => {
    const key = column.section === 'tags' ? tagClause(column.key) : named(column.key);
    setDraft({ text: settings.query.trim() === '' ? `${key} ` : `${settings.query} AND ${key} ` });
  };

  const refused = asked.error !== null && !(asked.error instanceof Unreachable) && settings.query.trim() !== '';
  const nothing = board.ready && board.error === null && board.total === 0;
  return (
    <section className="jmo-runs" aria-label={t('Runs')}>
      <RunsBar
        field={field}
        draft={draft}
        board={board}
        busy={!asked.ready}
        error={refused ? (asked.error?.message ?? null) : null}
        settings={settings}
        onSettings={set}
        every={every}
        columns={columns}
        usual={usual}
        onColumns={setColumns}
        selection={selection}
        onSelection={setSelection}
        actions={actions}
      />
      {asked.error !== null && !refused ? <Problem error={asked.error} retry={() => void asked.refresh()} /> : null}
      {!board.ready ? <Loading lines={9} /> : null}
      {nothing && board.look.query.trim() === '' ? <Beginnings /> : null}
      {nothing && board.look.query.trim() !== '' ? (
        <Empty title={t('No run fits')} actions={<Button onClick={() => set({ query: '' })}>{t('Clear the query')}</Button>} />
      ) : null}
      {board.ready && board.total !== 0 ? (
        <div className="jmo-runs-main">
          <div className="jmo-runs-side">
            {board.fresh > 0 ? (
              <button type="button" className="jmo-runs-fresh" onClick={() => void board.refresh()}>
                {board.fresh === 1 ? t('1 new run') : t('%1 new runs', board.fresh)}
              </button>
            ) : null}
            <RunsTable
              board={board}
              columns={columns}
              state={settings.columns}
              usual={usual}
              onColumns={setColumns}
              sort={board.look.sort}
              onSort={sortBy}
              onFilter={begin}
              selection={selection}
              known={known}
              onChoose={choose}
              onChooseAll={rows => setSelection({ rows, anchor: null })}
              onOpen={host.openRun}
              onMenu={(row, at) => setMenu({ row, at })}
              onDelete={remove}
              query={field}
              linked={linked}
            />
          </div>
          {selection.rows.length >= 2 ? <Chosen rows={selection.rows} others={others} linked={linked} /> : null}
        </div>
      ) : null}
      {menu ? (
        <Menu
          label={t('Actions for %1', menu.row.name)}
          items={menuOf(menu.row, host, actions, () => choose(menu.row, null), isChosen(selection, menu.row.id))}
          onClose={() => setMenu(null)}
          style={menu.at}
        />
      ) : null}
    </section>
  );
}

/** The runs of the table that stand grey behind the chosen ones; the same list as long as the same runs are there. */
function useOthers(known: IRunRow[], wanted: boolean): IRunRow[] {
  const some = wanted ? known.slice(0, 100) : [];
  const ids = some.map(row => row.id).join();
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => some, [ids]);
}
