/**
 * What language servers see of our cells: their lines, with a statement of Python instead of the directive.
 *
 * An override of a whole cell, as jupyterlab-lsp has it for magics, would silence all diagnostics in that cell. So an extractor
 * puts the statement there before overrides are looked for, and an override of that line alone silences it, and turns it back
 * when a rename writes the cell.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Token } from '@lumino/coreutils';
import { PACKAGE } from './lsp';

const DIRECTIVE = /^(\s*\n)?((?:%%|[ \t]*#[ \t]*\|[ \t]*%*)ml(?:function|run)(?![\w-]*\s*:|[\w-])[^\n]*)/;
const WRITTEN = '^if ("(?:%%|(?: |\\\\t)*#(?: |\\\\t)*\\|(?: |\\\\t)*%*)ml(?:function|run)\\b(?:[^"\\\\]|\\\\.)*"): .*$';
const INPUTS = /--inputs(?:=(\S*)|((?:\s+(?!--)[^\s#]\S*)*))/g;
const DECLARED = /^(?!(?:else|try|finally|except|lambda)\b)([\p{L}_][\p{L}\p{N}_]*)[ \t]*:[ \t]*[^\s=#][^=#\n]*(?:#.*)?$/gmu;
const NAME = /^[\p{L}_][\p{L}\p{N}_]*/u;

/** Return the cell with its directive as Python, or null when it has none of ours. */
export function asPython(cell: string): string | null {
  const match = DIRECTIVE.exec(cell);
  if (!match) {
    return null;
  }
  const [start, blank = '', directive] = match;
  const body = cell.slice(start.length);
  // of inputs, and of what is declared without a value; where the notebook has such a variable, its type is known
  const names = new Set([...inputsOf(directive), ...[...body.matchAll(DECLARED)].map(([, name]) => name)]);
  // pycodestyle lets imports follow an `if`, but no assignment
  return `${blank}if ${JSON.stringify(directive)}: ${[...names].map(name => `${name} = ${name}`).join('; ') || 'pass'}${body}`;
}

function inputsOf(directive: string): string[] {
  const given = [...directive.matchAll(INPUTS)].flatMap(([, attached, following]) =>
    (attached ?? following ?? '').split(/[\s,]+/)
  );
  return given.flatMap(each => NAME.exec(each)?.[0] ?? []);
}

export const EXTRACTOR = {
  language: 'python',
  fileExtension: 'py',
  cellType: ['code'],
  standalone: false,
  hasForeignCode: (cell: string) => asPython(cell) !== null,
  extractForeignCode: (cell: string) => [{ hostCode: asPython(cell), foreignCode: null, range: null, virtualShift: null }]
};

export const OVERRIDE = {
  scope: 'line',
  pattern: WRITTEN,
  replacement: (line: string) => line,
  reverse: { scope: 'line', pattern: WRITTEN, replacement: (_: string, directive: string) => JSON.parse(directive) as string }
};

interface IExtractors {
  register(extractor: typeof EXTRACTOR, language: string): void;
}

interface IOverrides {
  registry: Record<string, { line: (typeof OVERRIDE)[] } | undefined>;
  register(override: typeof OVERRIDE, language: string): void;
}

interface IContainer {
  get(module: string): Promise<() => { default: unknown }>;
}

interface IPlugin {
  requires?: Token<unknown>[];
}

/**
 * Tell jupyterlab-lsp, which is there.
 *
 * Its tokens can't be imported, as it may not be installed, and a shared module that is missing would keep all of ours from
 * loading. So they are taken from its own plugins, which require them.
 */
export async function register(app: JupyterFrontEnd): Promise<void> {
  const { _JUPYTERLAB: containers } = window as { _JUPYTERLAB?: Record<string, IContainer | undefined> };
  const extension = await containers?.[PACKAGE]?.get('./extension');
  const tokens = ([extension?.().default].flat() as (IPlugin | undefined)[]).flatMap(plugin => plugin?.requires ?? []);
  const service = async <T>(name: string): Promise<T | null> => {
    const token = tokens.find(each => each.name === name);
    return token ? ((await app.resolveOptionalService(token)) as T | null) : null;
  };
  const extractors = await service<IExtractors>('@jupyterlab/lsp:ILSPCodeExtractorsManager');
  const overrides = await service<IOverrides>(`${PACKAGE}:ILSPCodeOverridesManager`);
  if (extractors && overrides) {
    overrides.register(OVERRIDE, 'python');
    const lines = overrides.registry.python?.line;
    lines?.unshift(...lines.splice(lines.indexOf(OVERRIDE), 1)); // the first that fits counts
    extractors.register(EXTRACTOR, 'python');
  }
}
