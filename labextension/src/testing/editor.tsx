/** A small workflow editor for tests of its parts: real text, real edits, real undo; no canvas. */
import { act, render } from '@testing-library/react';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import { Provide } from '../components/surroundings';
import { ProvideEditor, type IEditor } from '../components/workflow/context';
import type { IFunction, IRunRow, IStepLine } from '../model/contract';
import type { IWorkflowFile } from '../model/file';
import { EMPTY, read } from '../model/workflow/document';
import type { ILiveRun } from '../model/workflow/live';
import { MemoryBackend, memoryHost } from './backend';

export interface IStart {
  text: string;
  functions?: IFunction[];
  editor?: Partial<IEditor>;
  backend?: MemoryBackend;
  host?: ReturnType<typeof memoryHost>;
}

/** Show `ui` inside an editor; `now()` is the editor as it is. */
export function renderEditor(ui: ReactNode, { text, functions = [], editor = {}, backend, host }: IStart) {
  const there = { backend: backend ?? new MemoryBackend(), host: host ?? memoryHost() };
  const seen: { editor: IEditor | null } = { editor: null };
  function Editor({ children }: { children: ReactNode }) {
    const made = useMemory(text, functions, there.host);
    seen.editor = { ...made, ...editor };
    return <ProvideEditor value={seen.editor}>{children}</ProvideEditor>;
  }
  const wrapped = (child: ReactNode) => (
    <Provide {...there}>
      <Editor>{child}</Editor>
    </Provide>
  );
  const view = render(wrapped(ui));
  const now = (): IEditor => seen.editor as IEditor;
  return {
    ...there,
    now,
    unmount: () => view.rerender(wrapped(null)),
    remount: (child: ReactNode) => view.rerender(wrapped(child)),
    edit: (label: string, change: (text: string) => string) => act(() => void now().edit(label, change))
  };
}

function useMemory(first: string, functions: IFunction[], host: ReturnType<typeof memoryHost>): IEditor {
  const [text, setText] = useState(first);
  const [selected, select] = useState<readonly string[]>([]);
  const current = useRef(text);
  current.current = text;
  const file = useMemo(() => fileOf(() => current.current), []);
  const reading = read(text);
  const edit: IEditor['edit'] = (label, change) => {
    try {
      const next = change(current.current);
      const differs = next !== current.current;
      current.current = next;
      setText(next);
      host.asked.push(['edit', label]);
      return differs;
    } catch (error) {
      host.notify((error as Error).message, 'error');
      return false;
    }
  };
  return {
    file,
    text,
    doc: reading.doc ?? EMPTY,
    broken: reading.problem,
    functions: new Map(functions.map(each => [each.name, each])),
    workflows: [],
    ready: true,
    problems: [],
    selected,
    select,
    edit,
    readonly: false,
    live: null,
    verdicts: new Map(),
    undo: () => {},
    redo: () => {},
    undoes: null,
    redoes: null
  } as IEditor;
}

const fileOf = (text: () => string): IWorkflowFile => ({
  name: 'nightly',
  get text() {
    return text();
  },
  edit: () => {},
  readonly: false,
  dirty: false,
  save: async () => {},
  onChange: () => () => {}
});

export const aFunction = (name: string, more: Partial<IFunction> = {}): IFunction => ({
  name,
  version: 'a1b2c3',
  description: '',
  parameters: [],
  inputs: [],
  returns: [],
  runtime: {},
  runs: 0,
  latest: null,
  ...more
});

export const aRun = (id: string, more: Partial<IRunRow> = {}): IRunRow => ({
  id,
  name: 'nightly',
  function: null,
  workflow: 'nightly',
  step: null,
  iteration: null,
  parent: null,
  state: 'completed',
  reason: '',
  created: 1000,
  started: 1000,
  ended: 1010,
  duration: 10,
  version: null,
  user: 'ada',
  host: 'here',
  origin: 'lab',
  params: {},
  results: {},
  tags: {},
  children: 0,
  best: false,
  ...more
});

export const aStep = (name: string, more: Partial<IStepLine> = {}): IStepLine => ({
  name,
  state: 'completed',
  reason: '',
  run: `run-${name}`,
  function: name,
  started: 1000,
  ended: 1001,
  seconds: 1,
  results: {},
  params: {},
  items: null,
  progress: null,
  error: null,
  best: false,
  ...more
});

export const aLive = (steps: IStepLine[], run: Partial<IRunRow> = {}): ILiveRun => ({
  run: aRun('r1', run),
  steps,
  byName: new Map(steps.map(step => [step.name, step])),
  resumable: run.state === 'error'
});
