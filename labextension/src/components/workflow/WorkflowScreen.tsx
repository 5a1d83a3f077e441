/** The workflow editor: one text, four views of it, and its latest run. */
import { Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { TriangleAlert } from 'lucide-react';
import type { IProblem } from '../../model/contract';
import type { IWorkflowFile } from '../../model/file';
import type { IHost } from '../../model/host';
import { isGoing } from '../../model/workflow/live';
import { useHost, useT } from '../surroundings';
import { Button, Empty, fetched, Loading } from '../ui';
import { mayLeaveCode } from './code/drafts';
import { type IEditor, isUnread, ProvideEditor, useEditor } from './context';
import { Graph, type IGraphHandle } from './graph/Graph';
import { Inspector } from './inspector/Inspector';
import { type IReveal, ProvideReveals } from './reveal';
import { TableView } from './table/TableView';
import { TimelineView } from './timeline/TimelineView';
import { Toolbar, type View } from './Toolbar';
import { useDocument } from './useDocument';
import { useLive } from './useLive';
import { useCatalogue, useProblems, useVerdicts } from './useProject';
import { useRunning } from './useRunning';

const CodeView = fetched(async () => ({ default: (await import('./code/CodeView')).CodeView }));

export function WorkflowScreen({ name, file }: { name: string; file: IWorkflowFile }) {
  const [selected, setSelected] = useState<readonly string[]>([]);
  const [reveal, setReveal] = useState<IReveal | null>(null);
  const document = useDocument(file);
  const catalogue = useCatalogue();
  const { problems, sound } = useProblems(name, document, catalogue);
  const live = useLive(name);
  const { dirty, readonly } = file;
  const { steps, params } = document.doc;
  const runnable = sound && steps.length > 0 && !params.some(param => param.required);
  const verdicts = useVerdicts(name, runnable && !dirty && !isGoing(live));

  const select = useCallback((names: readonly string[], how: { reveal?: boolean } = {}) => {
    setSelected(before => (before.length === names.length && names.every((each, at) => each === before[at]) ? before : names));
    if (how.reveal) {
      setReveal({ names });
    }
  }, []);
  const { text, doc, broken, edit, undo, redo, undoes, redoes } = document;
  const there = useMemo(() => {
    const names = new Set([...doc.steps, ...(doc.on_exit ? [doc.on_exit] : [])].map(step => step.name));
    return selected.every(each => names.has(each)) ? selected : selected.filter(each => names.has(each));
  }, [doc, selected]);

  const editor = useMemo<IEditor>(
    () => ({
      file,
      text,
      doc,
      broken,
      problems,
      select,
      edit,
      readonly,
      live,
      verdicts,
      undo,
      redo,
      undoes,
      redoes,
      functions: catalogue.functions,
      workflows: catalogue.workflows,
      ready: catalogue.ready,
      selected: there
    }),
    // `dirty` belongs to what is shown of the file
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [
      file,
      text,
      doc,
      broken,
      problems,
      select,
      edit,
      readonly,
      dirty,
      live,
      verdicts,
      undo,
      redo,
      undoes,
      redoes,
      catalogue,
      there
    ]
  );
  return (
    <ProvideEditor value={editor}>
      <ProvideReveals value={reveal}>
        <Workflow />
      </ProvideReveals>
    </ProvideEditor>
  );
}

function Workflow() {
  const t = useT();
  const host = useHost();
  const editor = useEditor();
  const { file } = editor;
  const running = useRunning(editor);
  const [view, setView] = useState<View>('graph');
  const graph = useRef<IGraphHandle | null>(null);

  const onView = async (next: View) => {
    if (view !== 'code' || (await mayLeaveCode(file, host))) {
      setView(next);
    }
  };
  /** Let the graph do something, when it's there. */
  const inGraph = async (act: (graph: IGraphHandle) => void) => {
    await onView('graph');
    requestAnimationFrame(() => graph.current && act(graph.current));
  };
  return (
    <section className="jmo-workflow" aria-label={t('Workflow %1', file.name)}>
      <Toolbar
        view={view}
        onView={next => void onView(next)}
        running={running}
        onTidy={() => void inGraph(({ tidy }) => tidy())}
        onPalette={() => void inGraph(({ palette }) => palette())}
        onSearch={() => void inGraph(({ search }) => search())}
      />
      {view === 'code' ? null : <Broken show={() => void onView('code')} />}
      <div className="jmo-workflow-body">
        {view === 'code' ? (
          <Suspense fallback={<Loading />}>
            <CodeView />
          </Suspense>
        ) : isUnread(editor) ? (
          <Unread show={() => void onView('code')} />
        ) : (
          <>
            {view === 'graph' ? <Graph handle={graph} /> : null}
            {view === 'timeline' ? <TimelineView /> : null}
            {view === 'table' ? <TableView /> : null}
            <Inspector />
          </>
        )}
      </div>
    </section>
  );
}

/** The text was never one that can be read. */
function Unread({ show }: { show(): void }) {
  const t = useT();
  const { broken, file } = useEditor();
  return (
    <Empty title={t('%1 can’t be read', file.name)} actions={<Button onClick={show}>{t('Show the text')}</Button>}>
      {broken && why(broken, t)}
    </Empty>
  );
}

const why = ({ line, text }: IProblem, t: IHost['t']): string => (line === null ? text : t('Line %1: %2', line, text));

/** The text can't be read: the last good graph is shown, nothing is lost. */
function Broken({ show }: { show(): void }) {
  const t = useT();
  const editor = useEditor();
  const { broken } = editor;
  if (!broken || isUnread(editor)) {
    return null;
  }
  return (
    <div className="jmo-notice" role="alert">
      <TriangleAlert size={13} aria-hidden />
      <span>
        {why(broken, t)} {t('You see how it was before.')}
      </span>
      <button type="button" className="jmo-link" onClick={show}>
        {t('Show the text')}
      </button>
    </div>
  );
}
