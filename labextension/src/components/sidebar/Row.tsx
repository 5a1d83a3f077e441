/** One row of the tree. */
import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo } from 'react';
import type { IFunction, IRunRow, IWorkflowRef } from '../../model/contract';
import { ago, bytes, date, duration, isFinished } from '../../model/format';
import type { IHost } from '../../model/host';
import { runLabel, type INode, type Item } from '../../model/tree/nodes';
import { functionKind } from '../../model/tree/kind';
import { useT } from '../surroundings';
import { KindGlyph, KindIcon, StateIcon } from '../ui';
import type { IAction } from './actions';
import { asDragged } from './useDrag';
import { kindWord, nothing, runs, sectionWord, steps, typeWord } from './words';

type T = IHost['t'];

const HEIGHTS: Partial<Record<Item['type'], number>> = { section: 30, workflow: 40, problem: 54 };

/** In pixels. */
export const heightOf = ({ item, sub }: INode): number => (sub === undefined ? (HEIGHTS[item.type] ?? 26) : 38);

interface IRowProps {
  node: INode;
  elementId: string;
  active: boolean;
  /** Changes only what is live. */
  now: number;
  quick: IAction[];
}

export const Row = memo(function Row({ node, elementId, active, now, quick }: IRowProps) {
  const t = useT();
  const { item, expanded, level } = node;
  const Chevron = expanded ? ChevronDown : ChevronRight;
  return (
    <div
      id={elementId}
      role="treeitem"
      aria-level={level}
      aria-expanded={expanded ?? undefined}
      aria-posinset={node.at}
      aria-setsize={node.of}
      aria-selected={active}
      aria-label={name(item, t)}
      data-node={node.id}
      className={`jmo-row jmo-row-${item.type}${active ? ' jmo-active' : ''}`}
      style={{ height: heightOf(node), paddingLeft: 8 + Math.max(0, level - 2) * 14 }}
      draggable={asDragged(item) !== null}
    >
      {expanded === null ? (
        level > 2 || item.type === 'run' ? (
          <span className="jmo-row-chevron" />
        ) : null
      ) : (
        <Chevron size={13} className="jmo-row-chevron" aria-hidden />
      )}
      <Content item={item} sub={node.sub} now={now} t={t} />
      {quick.length > 0 ? (
        <span className="jmo-row-actions">
          {quick.map(({ label, icon: Glyph, run }) => (
            <button
              key={label}
              type="button"
              tabIndex={-1}
              className="jmo-icon-button"
              title={label}
              aria-label={label}
              onClick={event => {
                event.stopPropagation();
                run();
              }}
            >
              <Glyph size={13} strokeWidth={2} aria-hidden />
            </button>
          ))}
        </span>
      ) : null}
    </div>
  );
});

function Content({ item, sub, now, t }: { item: Item; sub?: string; now: number; t: T }) {
  switch (item.type) {
    case 'section':
      return (
        <>
          <span className="jmo-row-heading">{sectionWord(item.section, t)}</span>
          {item.count === null ? null : <span className="jmo-row-meta jmo-num">{item.count.toLocaleString('en-US')}</span>}
          <span className="jmo-spacer" />
        </>
      );
    case 'workflow':
      return <WorkflowRow workflow={item.workflow} t={t} />;
    case 'function':
      return <FunctionRow of={item.function} t={t} />;
    case 'run':
      return <RunRow run={item.run} sub={sub} now={now} />;
    case 'kind':
      return (
        <>
          <span className="jmo-muted jmo-clip">{kindWord(item.kind, t)}</span>
          <Meta>{item.count}</Meta>
        </>
      );
    case 'artifact':
      return (
        <>
          <span className={`jmo-row-glyph jmo-kind-${item.group.kind}`}>
            <KindGlyph kind={item.group.kind} size={14} />
          </span>
          <span className="jmo-clip" title={item.group.key}>
            {item.group.key}
          </span>
          <Meta>{bytes(item.group.latest.size)}</Meta>
        </>
      );
    case 'version':
      return (
        <>
          <span className="jmo-clip jmo-num">{date(item.artifact.created).slice(0, 16)}</span>
          {item.artifact.tags.map(tag => (
            <span key={tag} className="jmo-tag jmo-clip">
              {tag}
            </span>
          ))}
          <Meta>{bytes(item.artifact.size)}</Meta>
        </>
      );
    case 'more':
      return <span className="jmo-link-like">{t('Show more (%1 left)', item.left.toLocaleString('en-US'))}</span>;
    case 'note':
      return <span className="jmo-muted jmo-clip">{note(item, t)}</span>;
    case 'problem':
      return <span className="jmo-row-problem">{item.error.message}</span>;
  }
}

const Meta = ({ children }: { children: React.ReactNode }) => <span className="jmo-row-meta jmo-num">{children}</span>;

function WorkflowRow({ workflow, t }: { workflow: IWorkflowRef; t: T }) {
  const { latest, problem } = workflow;
  const going = latest !== null && !isFinished(latest.state);
  return (
    <>
      <KindIcon kind="workflow" />
      <span className="jmo-row-two">
        <span className="jmo-clip" title={problem ?? (workflow.description || workflow.name)}>
          {workflow.name}
        </span>
        <span className="jmo-row-sub jmo-clip" title={problem}>
          {problem
            ? t('Can’t be read')
            : going
              ? t('%1 · %2 done', steps(workflow.steps, t), latest.done)
              : steps(workflow.steps, t)}
        </span>
      </span>
      <span className="jmo-spacer" />
      {problem ? <StateIcon state="error" /> : latest ? <StateIcon state={latest.state} /> : null}
    </>
  );
}

function FunctionRow({ of, t }: { of: IFunction; t: T }) {
  const going = of.latest !== null && !isFinished(of.latest.state);
  return (
    <>
      <KindIcon kind={functionKind(of)} small />
      <span className="jmo-clip" title={of.problem ?? (of.description || of.name)}>
        {of.name}
      </span>
      {of.problem ? (
        <>
          <span className="jmo-spacer" />
          <StateIcon state="error" />
        </>
      ) : (
        <>
          <Meta>{of.runs > 0 ? runs(of.runs, t) : ''}</Meta>
          {going && of.latest ? <StateIcon state={of.latest.state} /> : null}
        </>
      )}
    </>
  );
}

function RunRow({ run, sub, now }: { run: IRunRow; sub?: string; now: number }) {
  const going = !isFinished(run.state);
  const since = run.started ?? run.created;
  const label = runLabel(run);
  return (
    <>
      <StateIcon state={run.state} />
      <span className="jmo-row-two">
        <span className="jmo-clip" title={run.reason ? `${label}: ${run.reason}` : label}>
          {label}
        </span>
        {sub === undefined ? null : (
          <span className="jmo-row-sub jmo-clip" title={sub}>
            {sub}
          </span>
        )}
      </span>
      {run.best ? <span className="jmo-tag">★</span> : null}
      <Meta>
        {going ? duration(Math.max(0, now - since)) : run.parent === null ? ago(run.created, now) : duration(run.duration)}
      </Meta>
    </>
  );
}

function note(item: Extract<Item, { type: 'note' }>, t: T): string {
  return item.why === 'loading' ? t('Loading…') : item.why === 'nothing' ? nothing(item.section, t) : t('Nothing fits');
}

/** A row in words. */
function name(item: Item, t: T): string | undefined {
  switch (item.type) {
    case 'section':
      return item.count === null ? sectionWord(item.section, t) : `${sectionWord(item.section, t)}, ${item.count}`;
    case 'workflow':
      return `${typeWord(item, t)} ${item.workflow.name}, ${steps(item.workflow.steps, t)}`;
    case 'function':
      return `${typeWord(item, t)} ${item.function.name}, ${runs(item.function.runs, t)}`;
    default:
      return undefined; // what it shows says it
  }
}
