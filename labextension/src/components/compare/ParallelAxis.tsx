import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { textAt, endedTicks, type Brush, type IDimension } from '../../model/charts/dimensions';
import type { Json } from '../../model/contract';
import { shown } from '../../model/format';
import { useT } from '../surroundings';

export interface IParallelAxisProps {
  on: IDimension;
  /** Its place in pixels: from the left, and where it begins and ends. */
  x: number;
  top: number;
  bottom: number;
  edge: 'first' | 'last' | null;
  /** How far the next axis is, to know how long words may be. */
  room: number;
  brush: Brush | null;
  setBrush(brush: Brush | null): void;
  /** While it is dragged: how far, and where it would land; `done` when it is let go. */
  drag(by: number, done: boolean): void;
  move(by: number): void;
  toggleLog(): void;
}

/** One axis of parallel coordinates: its name is dragged to reorder, its line to filter. */
export function ParallelAxis(props: IParallelAxisProps) {
  const { on, x, top, bottom, brush, setBrush, edge } = props;
  const t = useT();
  const anchor = edge === 'first' ? 'start' : edge === 'last' ? 'end' : 'middle';
  const height = bottom - top;
  const at = (place: number) => bottom - place * height;
  const said = brush ? t('%1, from %2 to %3', on.key, shown(textAt(on, brush[0])), shown(textAt(on, brush[1]))) : on.key;
  const name = useDrag({ move: dx => props.drag(dx, false), end: dx => props.drag(dx, true) });
  const line = useBrush(height, top, setBrush);
  return (
    <g className={`jmo-axis ${on.section === 'results' ? 'jmo-axis-result' : ''}`}>
      <line x1={x} x2={x} y1={top} y2={bottom} />
      {endedTicks(on, Math.max(2, Math.floor(height / 46))).map(({ at: place, text }) => (
        <text
          key={place}
          className="jmo-axis-tick"
          x={x + (edge === 'last' ? -6 : 6)}
          y={at(place) + 3}
          textAnchor={edge === 'last' ? 'end' : 'start'}
        >
          {clipped(shown(brief(text)), props.room - 14)}
        </text>
      ))}
      {on.gaps ? (
        <text className="jmo-axis-tick" x={x} y={bottom + 17} textAnchor="middle">
          –
        </text>
      ) : null}
      <rect className="jmo-axis-grip" x={x - 10} width={20} y={top - 4} height={height + 8} {...line}>
        <title>{t('Drag along the axis to filter, click to clear')}</title>
      </rect>
      {brush ? (
        <rect
          className="jmo-axis-brush"
          x={x - 5}
          width={10}
          y={at(brush[1]) - 1}
          height={Math.max(3, (brush[1] - brush[0]) * height + 2)}
          rx={3}
        />
      ) : null}
      <g
        className="jmo-axis-name"
        role="button"
        tabIndex={0}
        aria-label={said}
        aria-description={t(
          'Left and right move the axis. Up and down filter from below, with Shift from above. L switches the log scale. Escape clears.'
        )}
        onKeyDown={event => onKey(event, props)}
        onDoubleClick={on.positive ? props.toggleLog : undefined}
        {...name}
      >
        <text x={edge === 'first' ? x - 4 : edge === 'last' ? x + 4 : x} y={14} textAnchor={anchor}>
          {clipped(on.key, props.room - 6)}
          {on.scale.kind === 'log' ? <tspan className="jmo-axis-log"> log</tspan> : null}
          <title>
            {on.positive ? t('%1: drag to move, double click for a log scale', on.key) : t('%1: drag to move', on.key)}
          </title>
        </text>
      </g>
    </g>
  );
}

/** Three digits tell where an axis ends. */
const brief = (value: Json): Json => (typeof value === 'number' ? Number(value.toPrecision(3)) : value);

/** As many characters as fit, at about 6 pixels each. */
function clipped(text: string, room: number): string {
  const most = Math.max(3, Math.floor(room / 6));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function onKey(event: KeyboardEvent, { brush, setBrush, move, toggleLog, on }: IParallelAxisProps): void {
  const [low, high] = brush ?? [0, 1];
  const by = on.scale.kind === 'category' ? 1 / Math.max(1, on.scale.values.length - 1) : 0.05;
  const filter = (change: number) => {
    const next: Brush = event.shiftKey
      ? [low, Math.min(1, Math.max(low, high + change))]
      : [Math.max(0, Math.min(high, low + change)), high];
    setBrush(next[0] <= 0 && next[1] >= 1 ? null : next);
  };
  const acts: Record<string, () => void> = {
    ArrowLeft: () => move(-1),
    ArrowRight: () => move(1),
    ArrowUp: () => filter(by),
    ArrowDown: () => filter(-by),
    l: () => on.positive && toggleLog(),
    Escape: () => setBrush(null)
  };
  if (event.key in acts && (event.key !== 'Escape' || brush)) {
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }
}

/** Handlers that tell how far the pointer was dragged sideways. */
function useDrag({ move, end }: { move(by: number): void; end(by: number): void }) {
  const from = useRef<number | null>(null);
  return {
    onPointerDown: (event: PointerEvent) => {
      from.current = event.clientX;
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => from.current !== null && move(event.clientX - from.current),
    onPointerUp: (event: PointerEvent) => {
      if (from.current !== null) {
        end(event.clientX - from.current);
        from.current = null;
      }
    },
    onPointerCancel: () => {
      if (from.current !== null) {
        end(0);
        from.current = null;
      }
    }
  };
}

/** Handlers that draw a filter along the axis; a click without a drag clears it. */
function useBrush(height: number, top: number, setBrush: (brush: Brush | null) => void) {
  const from = useRef<number | null>(null);
  const placeOf = (event: PointerEvent) => {
    const box = (event.currentTarget as SVGElement).ownerSVGElement?.getBoundingClientRect();
    return Math.min(1, Math.max(0, 1 - (event.clientY - (box?.top ?? 0) - top) / height));
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      from.current = placeOf(event);
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => {
      if (from.current !== null) {
        const to = placeOf(event);
        if (Math.abs(to - from.current) * height > 3) {
          setBrush([Math.min(to, from.current), Math.max(to, from.current)]);
        }
      }
    },
    onPointerUp: (event: PointerEvent) => {
      if (from.current !== null && Math.abs(placeOf(event) - from.current) * height <= 3) {
        setBrush(null);
      }
      from.current = null;
    }
  };
}
