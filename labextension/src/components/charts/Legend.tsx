import type { Linked } from '../../model/charts/linked';
import { useT } from '../surroundings';
import { useLinked } from './useLinked';
import type { IRunColor } from './useRunColors';

interface ILegendProps {
  runs: readonly string[];
  nameOf(run: string): string;
  colorOf(run: string): IRunColor;
  linked: Linked;
}

/** The runs with their colours: a click hides or shows one, Shift or a double click shows it alone. */
export function Legend({ runs, nameOf, colorOf, linked }: ILegendProps) {
  const t = useT();
  const hidden = useLinked(linked, 'hidden', () => linked.hidden);
  const pointed = useLinked(linked, 'run', () => linked.run);
  return (
    <ul className="jmo-legend" aria-label={t('Runs')}>
      {runs.map(run => (
        <li key={run}>
          <button
            type="button"
            className={run === pointed ? 'jmo-on' : ''}
            aria-pressed={!hidden.has(run)}
            title={t('Click to hide or show, Shift+click to show alone')}
            onClick={event => (event.shiftKey ? linked.solo(run, runs) : linked.toggle(run))}
            onDoubleClick={() => linked.solo(run, runs)}
            onPointerEnter={() => linked.point(run)}
            onPointerLeave={() => linked.point(null)}
            onFocus={() => linked.point(run)}
            onBlur={() => linked.point(null)}
          >
            <Swatch {...colorOf(run)} />
            <span className="jmo-clip">{nameOf(run)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** A bit of the run's line: its colour, and how it is dashed. */
export function Swatch({ color, dash }: IRunColor) {
  return (
    <svg className="jmo-swatch" width={14} height={8} aria-hidden>
      <line
        x1={1}
        x2={13}
        y1={4}
        y2={4}
        stroke={color}
        strokeWidth={3}
        strokeLinecap={dash.length ? 'butt' : 'round'}
        strokeDasharray={dash.map(part => part / 1.6).join(' ')}
      />
    </svg>
  );
}
