/** The head of a panel: back and forward, where one is, and where else one could go. */
import { ArrowLeft, ArrowRight, ChevronDown, History } from 'lucide-react';
import type { ITrail, Stop } from '../../model/panel/trail';
import { shortId } from '../../model/format';
import { useAnswer } from '../answers';
import { useBackend, useT } from '../surroundings';
import { Button, IconButton, KindGlyph, WithMenu, type IMenuItem } from '../ui';

interface IBarProps {
  trail: ITrail;
  onStep(step: { to: Stop } | 'back' | 'forward'): void;
  saved?: string;
  onLive?(): void;
}

export function Bar(props: IBarProps) {
  const t = useT();
  const { project } = useBackend();
  const { past, now, future } = props.trail;
  const before = past.at(-1);
  return (
    <nav className="jmo-cell-bar" aria-label={t('Panel')}>
      <IconButton icon={ArrowLeft} label={t('Back')} disabled={!before} onClick={() => props.onStep('back')} />
      <IconButton icon={ArrowRight} label={t('Forward')} disabled={future.length === 0} onClick={() => props.onStep('forward')} />
      <Destinations project={project} go={to => props.onStep({ to })} />
      <ol className="jmo-crumbs" aria-label={t('Where you are')}>
        {before ? (
          <li>
            <button type="button" className="jmo-link jmo-clip" onClick={() => props.onStep('back')}>
              {label(before, t)}
            </button>
          </li>
        ) : null}
        <li aria-current="page" className="jmo-clip">
          {label(now, t)}
        </li>
      </ol>
      <span className="jmo-spacer" />
      {props.saved ? (
        <span className="jmo-cell-saved" role="note">
          <History size={12} aria-hidden />
          {t('Snapshot, %1', props.saved)}
          {props.onLive ? null : <span>· {t('run the cell to show it live')}</span>}
        </span>
      ) : null}
      {props.onLive ? <Button onClick={props.onLive}>{t('Show live')}</Button> : null}
    </nav>
  );
}

/** All runs, all artifacts, and each workflow. */
function Destinations({ project, go }: { project: string | null; go(to: Stop): void }) {
  const t = useT();
  const { value } = useAnswer('workflows.list', {}, { stale: event => event.type === 'changed' && event.what === 'workflows' });
  const workflows = value?.workflows ?? [];
  const items: (IMenuItem | 'line')[] = [
    { label: t('Runs'), run: () => go({ view: 'runs', target: [] }) },
    { label: t('Artifacts'), run: () => go({ view: 'artifacts', target: [] }) },
    ...(workflows.length > 0 ? ['line' as const] : []),
    ...workflows.slice(0, 30).map(each => ({ label: each.name, run: () => go({ view: 'workflow', target: [each.name] }) }))
  ];
  return (
    <WithMenu items={items} label={t('Go to')} align="left">
      {button => (
        <Button className="jmo-cell-project" {...button}>
          <KindGlyph kind="workflow" />
          <span className="jmo-clip">{project}</span>
          <ChevronDown size={12} aria-hidden />
        </Button>
      )}
    </WithMenu>
  );
}

function label(stop: Stop, t: (text: string, ...args: (string | number)[]) => string): string {
  const [first] = stop.target;
  switch (stop.view) {
    case 'runs':
      return t('Runs');
    case 'run':
      return t('Run %1', shortId(first));
    case 'compare':
      return t('%1 runs', stop.target.length);
    case 'workflow':
      return first;
    case 'artifacts':
      return t('Artifacts');
    case 'artifact':
      return t('Artifact %1', shortId(first));
    case 'form':
      return t('Run %1', first);
  }
}
