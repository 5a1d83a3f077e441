/** The lower line of a step: how long, what came of it, what would happen next, or why it failed. */
import { Zap } from 'lucide-react';
import type { IStepLine, IVerdict } from '../../../model/contract';
import { duration, number, plain, shown } from '../../../model/format';
import { useNow } from '../../answers';
import { useT } from '../../surroundings';
import { KindGlyph, stateWord } from '../../ui';
import type { IStepData } from './stepData';

export function Foot({ data }: { data: IStepData }) {
  const { line, verdict, ports } = data;
  const kinds = [...new Set(ports.outputs.map(port => port.detail).filter(kind => kind !== '' && kind !== 'result'))].slice(0, 3);
  if (line?.error && line.state === 'error') {
    const error = plain(line.error);
    return (
      <div className="jmo-node-foot">
        <span className="jmo-node-error jmo-clip" title={error}>
          {error}
        </span>
      </div>
    );
  }
  return (
    <div className="jmo-node-foot">
      {line ? <Story line={line} /> : null}
      {verdict && !asExpected(line, verdict) ? <Badge verdict={verdict} /> : line ? null : <NotRun />}
      {line ? <Result line={line} /> : null}
      <span className="jmo-node-gives">
        {kinds.map(kind => (
          <span key={kind} title={kind}>
            <KindGlyph kind={kind} size={12} />
          </span>
        ))}
      </span>
    </div>
  );
}

function NotRun() {
  return <span>{stateWord('none', useT())}</span>;
}

function Story({ line }: { line: IStepLine }) {
  const t = useT();
  const going = line.state === 'running' || line.state === 'aborting';
  const reason = line.state === 'skipped' ? line.reason : '';
  return (
    <span className="jmo-node-time jmo-num" title={reason || undefined}>
      {going ? (
        <Ticking line={line} />
      ) : line.state === 'completed' ? (
        duration(line.seconds)
      ) : (
        [stateWord(line.state, t), line.state === 'cached' ? '' : duration(line.seconds)].filter(Boolean).join(' · ')
      )}
      {line.items ? ` · ${line.items.done}/${line.items.total}` : ''}
    </span>
  );
}

function Result({ line }: { line: IStepLine }) {
  const result = Object.entries(line.results).find(([, value]) => typeof value === 'number');
  if (!result || line.state === 'running' || line.state === 'aborting') {
    return null;
  }
  return (
    <span className="jmo-chip" title={`${result[0]} ${shown(result[1])}`}>
      <span className="jmo-clip">{result[0]}</span> <b>{number(Number((result[1] as number).toPrecision(4)))}</b>
    </span>
  );
}

function Ticking({ line }: { line: IStepLine }) {
  const now = useNow(line.started !== null);
  return <>{line.started === null ? '' : duration(Math.max(0, now - line.started))}</>;
}

/** What is done and would be taken over needs no word. */
const asExpected = (line: IStepLine | null, verdict: IVerdict): boolean =>
  verdict.verdict === 'cached' && (line?.state === 'completed' || line?.state === 'cached');

/** What the next run does with the step. */
function Badge({ verdict }: { verdict: IVerdict }) {
  const t = useT();
  const words = { cached: t('cached'), 'will run': t('will run'), skipped: t('will be skipped') };
  const word = words[verdict.verdict];
  const why = verdict.why ? `${t('Next run')}: ${word}. ${verdict.why}` : `${t('Next run')}: ${word}`;
  return (
    <span className="jmo-verdict" data-verdict={verdict.verdict} title={why} role="img" aria-label={why}>
      {verdict.verdict === 'cached' ? <Zap size={11} aria-hidden /> : null}
      {word}
    </span>
  );
}
