/** Above the table: the query, what is filtered, views and columns, and what can be done with the chosen runs. */
import { CircleStop, Copy, Ellipsis, GitCompareArrows, Tag, Trash2, X } from 'lucide-react';
import type { RefObject } from 'react';
import type { Board } from '../../model/runs/board';
import type { IColumn, IColumnState } from '../../model/runs/columns';
import { isFinished } from '../../model/format';
import { NONE, type ISelection } from '../../model/runs/selection';
import type { ISettings } from '../../model/runs/views';
import { useHost, useT } from '../surroundings';
import { Button, IconButton, WithMenu, type IMenuItem } from '../ui';
import { ColumnsMenu } from './ColumnsMenu';
import { Filters } from './Filters';
import { QueryField } from './QueryField';
import type { IRunActions } from './useRunActions';
import { ViewsMenu } from './ViewsMenu';

const NO_COLUMNS = { params: [], results: [], tags: [], metrics: [] };

interface IRunsBarProps {
  field: RefObject<HTMLInputElement>;
  draft: { text: string } | null;
  board: Board;
  busy: boolean;
  error: string | null;
  settings: ISettings;
  onSettings(change: Partial<ISettings>): void;
  every: IColumn[];
  columns: IColumn[];
  usual: string[];
  onColumns(change: (state: IColumnState) => IColumnState): void;
  selection: ISelection;
  onSelection(selection: ISelection): void;
  actions: IRunActions;
}

export function RunsBar(props: IRunsBarProps) {
  const { board, settings, onSettings } = props;
  const t = useT();
  return (
    <div className="jmo-runs-bar">
      <div className="jmo-bar">
        <h2 className="jmo-title">{t('Runs')}</h2>
        <span className="jmo-tag jmo-num" aria-live="polite">
          {board.total === null ? '…' : board.total.toLocaleString('en-US')}
        </span>
        <QueryField
          field={props.field}
          value={settings.query}
          draft={props.draft}
          onChange={query => onSettings({ query })}
          columns={board.columns ?? NO_COLUMNS}
          error={props.error}
        />
        <div className="jmo-runs-acts">
          <ViewsMenu settings={settings} onSettings={onSettings} />
          <ColumnsMenu {...props} state={settings.columns} />
          <ForChosen {...props} />
        </div>
      </div>
      <div className={`jmo-runs-strip ${props.busy ? 'jmo-busy' : ''}`}>
        <Filters
          query={settings.query}
          onQuery={query => onSettings({ query })}
          group={settings.group}
          onGroup={group => onSettings({ group })}
          tags={board.tags}
          tagKeys={board.columns?.tags ?? []}
        />
      </div>
    </div>
  );
}

/** What can be done with the runs that were chosen. */
function ForChosen({ selection, onSelection, actions }: Pick<IRunsBarProps, 'selection' | 'onSelection' | 'actions'>) {
  const t = useT();
  const host = useHost();
  const { rows } = selection;
  const going = rows.filter(row => !isFinished(row.state));
  const changes: IMenuItem[] = [
    { label: t('Tag…'), icon: Tag, run: () => actions.tag(rows) },
    ...(going.length > 0 ? [{ label: t('Abort'), icon: CircleStop, run: () => actions.abort(going) }] : []),
    { label: t('Delete…'), icon: Trash2, disabled: going.length > 0, run: () => void actions.remove(rows) }
  ];
  const items: (IMenuItem | 'line')[] = [
    { label: t('Copy as CSV'), icon: Copy, run: () => actions.copyCsv(rows) },
    ...(actions.readonly ? [] : changes),
    'line',
    { label: t('Choose none'), icon: X, run: () => onSelection(NONE) }
  ];
  const few = rows.length < 2;
  const why = few
    ? t('Choose 2 to 20 runs to compare them')
    : rows.length > 20
      ? t('At most 20 runs can be compared')
      : undefined;
  return (
    <>
      <Button
        icon={GitCompareArrows}
        aria-pressed={why === undefined}
        disabled={why !== undefined}
        title={why}
        onClick={() => host.openComparison(rows.map(row => row.id))}
      >
        {t('Compare')}
        {rows.length > 0 ? <span className="jmo-count">{rows.length}</span> : null}
      </Button>
      {rows.length > 0 ? (
        <WithMenu items={items} label={rows.length === 1 ? t('With the chosen run') : t('With the %1 chosen runs', rows.length)}>
          {button => (
            <IconButton
              icon={Ellipsis}
              label={rows.length === 1 ? t('With the chosen run') : t('With the %1 chosen runs', rows.length)}
              {...button}
            />
          )}
        </WithMenu>
      ) : null}
    </>
  );
}
