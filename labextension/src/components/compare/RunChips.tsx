import { Eye, EyeOff, X } from 'lucide-react';
import type { IRunRow } from '../../model/contract';
import { Swatch, useLinked, type IRunColor, type Linked } from '../charts';
import { useHost, useT } from '../surroundings';
import { IconButton } from '../ui';

interface IRunChipsProps {
  runs: readonly IRunRow[];
  nameOf(run: string): string;
  colorOf(run: string): IRunColor;
  linked: Linked;
  remove(run: string): void;
}

/** The runs that are compared: their colours are the legend of all charts. */
export function RunChips({ runs, nameOf, colorOf, linked, remove }: IRunChipsProps) {
  const t = useT();
  const host = useHost();
  const hidden = useLinked(linked, 'hidden', () => linked.hidden);
  const pointed = useLinked(linked, 'run', () => linked.run);
  const ids = runs.map(({ id }) => id);
  return (
    <ul className="jmo-compare-chips" aria-label={t('Compared runs')}>
      {runs.map(run => {
        const name = nameOf(run.id);
        const away = hidden.has(run.id);
        return (
          <li
            key={run.id}
            className={`jmo-compare-chip ${run.id === pointed ? 'jmo-on' : ''} ${away ? 'jmo-away' : ''}`}
            onPointerEnter={() => linked.point(run.id)}
            onPointerLeave={() => linked.point(null)}
          >
            <button
              type="button"
              className="jmo-compare-chip-eye"
              aria-pressed={!away}
              aria-label={t('Show %1 in charts', name)}
              title={t('Click to hide or show in charts, Shift+click to show alone')}
              onClick={event => (event.shiftKey ? linked.solo(run.id, ids) : linked.toggle(run.id))}
              onDoubleClick={() => linked.solo(run.id, ids)}
            >
              <Swatch {...colorOf(run.id)} />
              {away ? <EyeOff size={11} aria-hidden /> : <Eye size={11} aria-hidden />}
            </button>
            <button
              type="button"
              className="jmo-compare-chip-name jmo-clip"
              title={t('Open %1', run.id)}
              onClick={() => host.openRun(run.id)}
            >
              {name}
            </button>
            <IconButton icon={X} label={t('Remove %1', name)} onClick={() => remove(run.id)} />
          </li>
        );
      })}
    </ul>
  );
}
