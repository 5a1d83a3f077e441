/** Which columns are shown, and in what order. */
import { ArrowDown, ArrowUp, Columns3, Pin, PinOff } from 'lucide-react';
import { useState } from 'react';
import { move, pin, show, type IColumn, type IColumnState, type Section } from '../../model/runs/columns';
import { useT } from '../surroundings';
import { Button, IconButton, SearchField, WithPopover } from '../ui';
import { titleOf } from './titles';

interface IColumnsMenuProps {
  every: IColumn[];
  /** As they stand in the table. */
  columns: IColumn[];
  usual: string[];
  state: IColumnState;
  onColumns(change: (state: IColumnState) => IColumnState): void;
}

export function ColumnsMenu(props: IColumnsMenuProps) {
  const t = useT();
  return (
    <WithPopover
      label={t('Columns')}
      className="jmo-runs-columns"
      button={button => (
        <Button icon={Columns3} {...button}>
          {t('Columns')}
        </Button>
      )}
    >
      {() => <Columns {...props} />}
    </WithPopover>
  );
}

function Columns({ every, columns, usual, state, onColumns }: IColumnsMenuProps) {
  const t = useT();
  const [search, setSearch] = useState('');
  const fits = (column: IColumn): boolean => titleOf(column, t).toLowerCase().includes(search.trim().toLowerCase());
  const shown = columns.map(({ id }) => id);
  const titles: Record<Section, string> = {
    about: t('About the run'),
    results: t('Results'),
    params: t('Params'),
    tags: t('Tags')
  };
  const hidden = every.filter(column => !shown.includes(column.id) && fits(column));
  const tick = (column: IColumn): JSX.Element => (
    <label>
      <input
        type="checkbox"
        checked={shown.includes(column.id)}
        disabled={column.id === 'name'}
        onChange={() => onColumns(now => show(now, usual, column.id))}
      />
      <span className="jmo-clip">{titleOf(column, t)}</span>
      <span className="jmo-muted">{column.section === 'about' ? '' : titles[column.section].toLowerCase()}</span>
    </label>
  );
  return (
    <>
      <SearchField value={search} onChange={setSearch} label={t('Search columns')} />
      <h3 className="jmo-heading">
        {t('Shown')}
        <span className="jmo-spacer" />
        <button
          type="button"
          className="jmo-link"
          onClick={() => onColumns(now => ({ ...now, shown: null, widths: {}, pinned: ['name'] }))}
        >
          {t('As usual')}
        </button>
      </h3>
      <ul>
        {columns.map((column, at) =>
          !fits(column) ? null : (
            <li key={column.id}>
              {tick(column)}
              <IconButton
                icon={state.pinned.includes(column.id) ? PinOff : Pin}
                label={state.pinned.includes(column.id) ? t('Unpin %1', titleOf(column, t)) : t('Pin %1', titleOf(column, t))}
                onClick={() => onColumns(now => pin(now, column.id))}
              />
              <IconButton
                icon={ArrowUp}
                label={t('Move %1 up', titleOf(column, t))}
                disabled={at === 0}
                onClick={() => onColumns(now => move(now, usual, column.id, shown[at - 1]))}
              />
              <IconButton
                icon={ArrowDown}
                label={t('Move %1 down', titleOf(column, t))}
                disabled={at === columns.length - 1}
                onClick={() => onColumns(now => move(now, usual, column.id, shown[at + 1]))}
              />
            </li>
          )
        )}
      </ul>
      {(['results', 'params', 'tags', 'about'] as const).map(section => {
        const some = hidden.filter(column => column.section === section);
        return some.length === 0 ? null : (
          <div key={section}>
            <h3 className="jmo-heading">{titles[section]}</h3>
            <ul>
              {some.map(column => (
                <li key={column.id}>{tick(column)}</li>
              ))}
            </ul>
          </div>
        );
      })}
    </>
  );
}
