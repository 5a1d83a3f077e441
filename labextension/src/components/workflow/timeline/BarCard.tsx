import type { CSSProperties } from 'react';
import { date, duration, shown } from '../../../model/format';
import { useT } from '../../surroundings';
import { StatePill } from '../../ui';
import type { IBar } from './rows';

/** What is known of a bar, beside the pointer. All of it is also in the inspector. */
export function BarCard({ bar, style }: { bar: IBar; style: CSSProperties }) {
  const t = useT();
  const { line } = bar;
  const facts: [string, string][] = [];
  if (bar.start !== null && bar.end !== null) {
    facts.push([t('Took'), duration(bar.end - bar.start)], [t('Began'), date(bar.start).slice(11)]);
  }
  if (bar.ready !== null && bar.waited !== null && bar.waited - bar.ready > 0.001) {
    facts.push([t('Waited'), duration(bar.waited - bar.ready)]);
  }
  facts.push(
    ...Object.entries(line?.results ?? {})
      .slice(0, 4)
      .map(([key, value]): [string, string] => [key, shown(value, 30)])
  );
  const why = line?.error ?? line?.reason;
  return (
    <div className="jmo-timeline-card" style={style} aria-hidden>
      <div>
        <b className="jmo-clip">{bar.name}</b>
        <StatePill state={bar.state} />
      </div>
      <dl className="jmo-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {why ? <p className="jmo-muted">{shown(why, 160)}</p> : null}
      {bar.critical ? <p className="jmo-muted">{t('On the critical path: the run takes as long as these steps.')}</p> : null}
    </div>
  );
}
