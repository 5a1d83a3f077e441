/** The steps of the latest run over time: when each waited, ran and ended. */
import { Maximize2, ZoomIn, ZoomOut } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react';
import { isFinished } from '../../../model/format';
import { functionOf } from '../../../model/workflow/document';
import { tileOf } from '../../../model/workflow/ports';
import { useNow } from '../../answers';
import { useHost, useT } from '../../surroundings';
import { Empty, IconButton } from '../../ui';
import { useEditor } from '../context';
import { BarCard } from './BarCard';
import { BarRow } from './BarRow';
import { needsOf, plan, ticks, tickText, type IBar } from './rows';
import { useZoom } from './useZoom';

export function TimelineView() {
  const t = useT();
  const { live } = useEditor();
  return live === null ? (
    <Empty title={t('Not run yet')}>{t('Run the workflow: each step is drawn here while it happens.')}</Empty>
  ) : (
    <Gantt />
  );
}

/** Pixels beside the track, and for each tick. */
const BESIDE = 270;
const ROOM = 85;

function Gantt() {
  const t = useT();
  const host = useHost();
  const { doc, functions, live, selected, select } = useEditor();
  const goesOn = live !== null && !isFinished(live.run.state);
  const now = useNow(goesOn, 200);
  const steps = useMemo(() => needsOf(doc), [doc]);
  const { bars, from, to } = useMemo(() => plan(steps, live!, now), [steps, live, now]);
  const section = useRef<HTMLElement>(null);
  const kinds = useMemo(
    () => new Map(doc.steps.map(step => [step.name, tileOf(step, functions.get(functionOf(step) ?? '') ?? null)])),
    [doc, functions]
  );
  const scroller = useRef<HTMLDivElement>(null);
  const { zoom, width, by, fit } = useZoom(scroller);
  const [hovered, setHovered] = useState<{ bar: IBar; x: number; y: number } | null>(null);
  const hover = useRest(setHovered, 350);
  const length = to - from;
  const count = Math.max(2, ((width - BESIDE) * zoom) / ROOM);
  const share = (time: number) => ((time - from) / length) * 100;

  const walk = (event: KeyboardEvent) => {
    const at = bars.findIndex(bar => bar.name === selected[0]);
    const goes: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: bars.length - 1 };
    if (event.key in goes) {
      event.preventDefault();
      const next = bars[Math.min(Math.max(0, goes[event.key]), bars.length - 1)];
      select([next.name]);
      scroller.current?.querySelector<HTMLElement>(`[data-step="${next.name}"]`)?.focus();
    } else if (event.key === 'Enter' && bars[at]?.line?.run) {
      host.openRun(bars[at].line.run);
    }
  };
  return (
    <section ref={section} className="jmo-timeline" aria-label={t('Timeline')}>
      <div className="jmo-timeline-zoom">
        <IconButton icon={ZoomOut} label={t('Zoom out')} disabled={zoom <= 1} onClick={() => by(1 / 1.5)} />
        <IconButton icon={ZoomIn} label={t('Zoom in')} onClick={() => by(1.5)} />
        <IconButton icon={Maximize2} label={t('Fit')} disabled={zoom === 1} onClick={fit} />
      </div>
      <div className="jmo-timeline-scroll" ref={scroller} onScroll={() => setHovered(null)}>
        <div className="jmo-timeline-all" style={{ ['--zoom' as string]: zoom }}>
          <Axis length={length} count={count} />
          <Grid length={length} count={count} />
          <div role="listbox" aria-label={t('Steps')} onKeyDown={walk}>
            {bars.map((bar, at) => (
              <BarRow
                key={bar.name}
                bar={bar}
                kind={kinds.get(bar.name) ?? 'function'}
                share={share}
                selected={selected.includes(bar.name)}
                reachable={selected.some(name => bars.some(each => each.name === name)) ? bar.name === selected[0] : at === 0}
                onSelect={() => select([bar.name])}
                onHover={place => hover(place && { bar, ...place })}
              />
            ))}
          </div>
        </div>
      </div>
      {hovered ? (
        <BarCard
          bar={bars.find(bar => bar.name === hovered.bar.name) ?? hovered.bar}
          style={besides(hovered, section.current?.getBoundingClientRect())}
        />
      ) : null}
    </section>
  );
}

/** Say a value once it stays for a moment; null at once. */
function useRest<T>(say: (value: T | null) => void, wait: number): (value: T | null) => void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const stop = () => timer.current !== null && clearTimeout(timer.current);
  useEffect(() => () => void stop(), []);
  return value => {
    stop();
    if (value === null) {
      say(null);
    } else {
      timer.current = setTimeout(() => say(value), wait);
    }
  };
}

/** Where a card goes: under the row, or over it where there is no room. */
function besides(at: { x: number; y: number }, box: DOMRect | undefined): CSSProperties {
  if (!box) {
    return {};
  }
  const left = Math.max(8, Math.min(at.x - box.left + 12, box.width - 256));
  return at.y - box.top > box.height - 190 ? { left, bottom: box.bottom - at.y + 34 } : { left, top: at.y - box.top + 2 };
}

/** Lines behind the bars. */
function Grid({ length, count }: { length: number; count: number }) {
  return (
    <div className="jmo-timeline-grid" aria-hidden>
      <div className="jmo-timeline-track">
        {ticks(length, count).map(tick => (
          <i key={tick} style={{ left: `${(tick / length) * 100}%` }} />
        ))}
      </div>
    </div>
  );
}

function Axis({ length, count }: { length: number; count: number }) {
  return (
    <div className="jmo-timeline-axis" aria-hidden>
      <span className="jmo-timeline-label" />
      <div className="jmo-timeline-track">
        {ticks(length, count).map(tick => (
          <span key={tick} className="jmo-timeline-tick jmo-num" style={{ left: `${(tick / length) * 100}%` }}>
            {tickText(tick)}
          </span>
        ))}
      </div>
    </div>
  );
}
