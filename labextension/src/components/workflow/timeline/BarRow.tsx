import { duration } from '../../../model/format';
import { useT } from '../../surroundings';
import { KindIcon, StateIcon, stateWord } from '../../ui';
import type { IBar } from './rows';

export function BarRow(props: {
  bar: IBar;
  /** Of its tile. */
  kind: string;
  /** A time as percent of the track. */
  share(time: number): number;
  selected: boolean;
  /** Whether Tab comes to it. */
  reachable: boolean;
  onSelect(): void;
  onHover(place: { x: number; y: number } | null): void;
}) {
  const { bar, share } = props;
  const said = useSaid(bar);
  const items = bar.line?.items;
  return (
    <div
      role="option"
      aria-selected={props.selected}
      aria-label={said}
      data-step={bar.name}
      tabIndex={props.reachable ? 0 : -1}
      className={`jmo-timeline-row jmo-state-${bar.state}`}
      onClick={props.onSelect}
      onMouseMove={event => props.onHover({ x: event.clientX, y: event.currentTarget.getBoundingClientRect().bottom })}
      onMouseLeave={() => props.onHover(null)}
    >
      <span className="jmo-timeline-label">
        <KindIcon kind={props.kind} small />
        <span className="jmo-clip">{bar.name}</span>
        {items ? (
          <span className="jmo-muted jmo-num">
            {items.done}/{items.total}
          </span>
        ) : null}
        <span className="jmo-spacer" />
        <StateIcon state={bar.state} />
      </span>
      <div className="jmo-timeline-track">
        <Waiting bar={bar} share={share} />
        {bar.start === null || bar.end === null ? null : (
          <Bar from={share(bar.start)} to={share(bar.end)} bar={bar} text={duration(bar.end - bar.start)} />
        )}
      </div>
    </div>
  );
}

function Bar({ bar, from, to, text }: { bar: IBar; from: number; to: number; text: string }) {
  const width = Math.max(0, to - from);
  return (
    <>
      <i
        className={`jmo-timeline-bar${bar.critical ? ' jmo-critical' : ''}`}
        style={{ left: `${from}%`, width: `max(3px, ${width}%)` }}
      />
      <span className="jmo-timeline-time jmo-num" style={{ left: `calc(max(${from}% + 3px, ${to}%) + 6px)` }}>
        {text}
      </span>
    </>
  );
}

function Waiting({ bar, share }: { bar: IBar; share(time: number): number }) {
  if (bar.ready === null || bar.waited === null || bar.waited - bar.ready <= 0) {
    return null;
  }
  const from = share(bar.ready);
  return <i className="jmo-timeline-wait" style={{ left: `${from}%`, width: `${share(bar.waited) - from}%` }} />;
}

function useSaid(bar: IBar): string {
  const t = useT();
  return [
    bar.name,
    stateWord(bar.state, t),
    bar.start !== null && bar.end !== null ? duration(bar.end - bar.start) : '',
    bar.critical ? t('on the critical path') : ''
  ]
    .filter(Boolean)
    .join(', ');
}
