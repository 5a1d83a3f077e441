/** The project as one tree of rows: sections, what is in them, and what is in that. */
import type { IArtifactGroup, IArtifactRow, IFunction, IRunRow, IWorkflowRef, Kind } from '../contract';
import { telling } from './telling';

export const SECTIONS = ['workflows', 'functions', 'runs', 'artifacts'] as const;
export type Section = (typeof SECTIONS)[number];

export const KINDS: Kind[] = ['dataset', 'model', 'plot', 'table', 'file', 'dir'];

export type Item =
  | { type: 'section'; section: Section; count: number | null }
  | { type: 'workflow'; workflow: IWorkflowRef }
  | { type: 'function'; function: IFunction }
  | { type: 'run'; run: IRunRow }
  | { type: 'kind'; kind: Kind; count: number }
  | { type: 'artifact'; group: IArtifactGroup }
  | { type: 'version'; artifact: IArtifactRow }
  /** There are more of them; opening it brings the next. */
  | { type: 'more'; of: string; left: number }
  | { type: 'note'; why: 'loading' | 'nothing' | 'nothing fits'; section: Section }
  | { type: 'problem'; error: Error; section: Section };

export interface INode {
  id: string;
  label: string;
  /** Of a run what tells it from others of its name, where there are any. */
  sub?: string;
  /** From 1. */
  level: number;
  /** Null of a row that has nothing below itself. */
  expanded: boolean | null;
  /** Of how many at its level, and which; as `aria-posinset` and `aria-setsize` say it. */
  at: number;
  of: number;
  item: Item;
}

/** A list that is known, on its way, or couldn't be had. */
export interface IListed<T> {
  rows: T[] | null;
  error: Error | null;
  /** How many there are in all, where `rows` is a page. */
  total?: number;
}

export interface ITreeData {
  workflows: IListed<IWorkflowRef>;
  functions: IListed<IFunction>;
  runs: IListed<IRunRow>;
  artifacts: IListed<IArtifactGroup>;
  /** Of runs and artifacts that are expanded. */
  children: ReadonlyMap<string, IListed<IRunRow>>;
  versions: ReadonlyMap<string, IListed<IArtifactRow>>;
}

export const runNode = (run: string): string => `run:${run}`;
export const artifactNode = (group: { kind: string; key: string }): string => `artifact:${group.kind}/${group.key}`;

/** Whether a row is open unless it was closed. */
export const opensByItself = (id: string): boolean => id.startsWith('section:') || id.startsWith('kind:');

type Branch = Omit<INode, 'level' | 'at' | 'of'> & { below?(): Branch[] };

/** The rows that are on screen, top to bottom. A search keeps what fits, and opens what it is in. */
export function rows(data: ITreeData, isExpanded: (id: string) => boolean, query: string): INode[] {
  const fits = fitting(query);
  const found: INode[] = [];
  const lay = (branches: Branch[], level: number): void =>
    branches.forEach(({ below, ...branch }, index) => {
      found.push({ ...branch, level, at: index + 1, of: branches.length });
      if (branch.expanded && below) {
        lay(below(), level + 1);
      }
    });
  const searched = query.trim() !== '';
  lay(
    SECTIONS.map(section => {
      const { branches, count } = within(section, data, fits, isExpanded, searched);
      const id = `section:${section}`;
      return {
        id,
        label: section,
        expanded: isExpanded(id) || searched,
        item: { type: 'section', section, count },
        below: () => branches
      };
    }),
    1
  );
  return found;
}

function within(
  section: Section,
  data: ITreeData,
  fits: (...texts: string[]) => boolean,
  isExpanded: (id: string) => boolean,
  searched: boolean
): { branches: Branch[]; count: number | null } {
  const list = data[section];
  if (list.rows === null) {
    const item: Item = list.error ? { type: 'problem', error: list.error, section } : { type: 'note', why: 'loading', section };
    return { branches: [{ id: `${item.type}:${section}`, label: '', expanded: null, item }], count: null };
  }
  const { branches, count } = {
    workflows: () => leaves(workflows(data, fits)),
    functions: () => leaves(functions(data, fits)),
    runs: () => ({ branches: runs(data.runs, 'runs', data, isExpanded), count: data.runs.total ?? data.runs.rows!.length }),
    artifacts: () => artifacts(data, fits, isExpanded)
  }[section]();
  if (branches.length > 0) {
    return { branches, count };
  }
  const why = searched ? 'nothing fits' : 'nothing';
  return { branches: [{ id: `note:${section}`, label: '', expanded: null, item: { type: 'note', why, section } }], count: 0 };
}

const leaves = (branches: Branch[]) => ({ branches, count: branches.length });

function workflows(data: ITreeData, fits: (...texts: string[]) => boolean): Branch[] {
  return data.workflows
    .rows!.filter(({ name, description }) => fits(name, description))
    .map(workflow => ({
      id: `workflow:${workflow.name}`,
      label: workflow.name,
      expanded: null,
      item: { type: 'workflow', workflow }
    }));
}

function functions(data: ITreeData, fits: (...texts: string[]) => boolean): Branch[] {
  return data.functions
    .rows!.filter(each => fits(each.name, each.description))
    .map(each => ({
      id: `function:${each.name}`,
      label: each.name,
      expanded: null,
      item: { type: 'function', function: each }
    }));
}

function runs(list: IListed<IRunRow>, of: string, data: ITreeData, isExpanded: (id: string) => boolean): Branch[] {
  const told = telling(list.rows ?? [], runLabel);
  const found = (list.rows ?? []).map((run): Branch => {
    const id = runNode(run.id);
    return {
      id,
      label: runLabel(run),
      sub: told.get(run.id),
      expanded: run.children > 0 ? isExpanded(id) : null,
      item: { type: 'run', run },
      below: () => runs(data.children.get(run.id) ?? { rows: null, error: null }, run.id, data, isExpanded)
    };
  });
  if (list.rows === null) {
    const item: Item = list.error
      ? { type: 'problem', error: list.error, section: 'runs' }
      : { type: 'note', why: 'loading', section: 'runs' };
    return [{ id: `${item.type}:${of}`, label: '', expanded: null, item }];
  }
  const left = (list.total ?? found.length) - found.length;
  return left > 0 ? [...found, { id: `more:${of}`, label: '', expanded: null, item: { type: 'more', of, left } }] : found;
}

function artifacts(data: ITreeData, fits: (...texts: string[]) => boolean, isExpanded: (id: string) => boolean) {
  const groups = data.artifacts.rows!.filter(({ key, kind, tags }) => fits(key, kind, ...tags));
  const kinds = [...KINDS, ...new Set(groups.map(({ kind }) => kind).filter(kind => !KINDS.includes(kind)))];
  const branches = kinds.flatMap((kind): Branch[] => {
    const these = groups.filter(group => group.kind === kind);
    const id = `kind:${kind}`;
    const item: Item = { type: 'kind', kind, count: these.length };
    const below = () => these.map(group => artifact(group, data, isExpanded));
    return these.length > 0 ? [{ id, label: kind, expanded: isExpanded(id), item, below }] : [];
  });
  return { branches, count: groups.length };
}

function artifact(group: IArtifactGroup, data: ITreeData, isExpanded: (id: string) => boolean): Branch {
  const id = artifactNode(group);
  const versions = data.versions.get(id) ?? { rows: null, error: null };
  return {
    id,
    label: group.key,
    expanded: group.versions > 1 ? isExpanded(id) : null,
    item: { type: 'artifact', group },
    below: () => {
      if (versions.rows === null) {
        const item: Item = versions.error
          ? { type: 'problem', error: versions.error, section: 'artifacts' }
          : { type: 'note', why: 'loading', section: 'artifacts' };
        return [{ id: `${item.type}:${id}`, label: '', expanded: null, item }];
      }
      return versions.rows.map(each => ({
        id: `version:${each.uid}`,
        label: each.uid,
        expanded: null,
        item: { type: 'version', artifact: each }
      }));
    }
  };
}

/** A run's name; of a step that of the step, of an iteration its number. */
export function runLabel(run: IRunRow): string {
  if (run.parent !== null) {
    return run.step ?? (run.iteration === null ? run.name : `#${run.iteration}`);
  }
  return run.name;
}

/** Whether every word of a query stands in one of the texts. */
function fitting(query: string): (...texts: string[]) => boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return (...texts) => {
    const text = texts.join(' ').toLowerCase();
    return words.every(word => text.includes(word));
  };
}
