/**
 * The YAML text, changed in place: only the characters of what changes are replaced, so comments, order, spelling and tags of
 * everything else stay as they were typed.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node, Pair, YAMLMap } from 'yaml';
import type { IProblem } from '../contract';
import { block, inline, nested } from './blocks';
import { doubled, nameOf, pairOf, rangeOf, startOf } from './nodes';
import { Spans, type ISplice } from './spans';

/** Fields in the order in which they're written; a new one goes behind those that come before it. */
const ROOT = ['name', 'description', 'params', 'steps', 'on_exit', 'outputs', 'layout'];
const STEP = [
  'function',
  'workflow',
  'params',
  'inputs',
  'after',
  'when',
  'foreach',
  'sweep',
  'retries',
  'backoff',
  'timeout'
].concat(['cache', 'resources', 'env', 'on_failure']);

/** What a text can't be changed for: `problem` has the line. */
export class Unreadable extends Error {
  constructor(readonly problem: IProblem) {
    super(problem.line === null ? problem.text : `Line ${problem.line}: ${problem.text}`);
    this.name = 'Unreadable';
  }
}

export class Source extends Spans {
  readonly root: YAMLMap | null;
  private readonly lines = new LineCounter();
  private static kept: readonly Source[] = [];

  /** A text read; the latest few are kept, as one edit often reads the same text several times. */
  static of(text: string): Source {
    const kept = Source.kept.find(source => source.text === text);
    if (kept) {
      return kept;
    }
    const made = new Source(text);
    Source.kept = [made, ...Source.kept].slice(0, 4);
    return made;
  }

  private constructor(text: string) {
    super(text);
    const document: Document.Parsed = parseDocument(text, {
      lineCounter: this.lines,
      logLevel: 'silent',
      merge: false,
      uniqueKeys: false
    });
    const error = document.errors[0];
    if (error) {
      const [said] = error.message.split(/ at line \d+/);
      throw new Unreadable({ text: `${said}.`, step: null, line: error.linePos?.[0].line ?? null, field: null });
    }
    const root = document.contents;
    const double = doubled(root); // what the parser does in quadratic time
    if (double) {
      throw new Unreadable({ text: `${nameOf(double)} is there twice.`, step: null, line: this.line(double.key), field: null });
    }
    if (root !== null && !isMap(root)) {
      throw new Unreadable({ text: 'A workflow is a group of fields: name, steps, ….', step: null, line: 1, field: null });
    }
    this.root = root;
  }

  line(node: unknown): number | null {
    const start = rangeOf(node)?.[0];
    return start === undefined ? null : this.lines.linePos(start).line;
  }

  /** The pair at a path of keys, or null. */
  pair(path: readonly string[]): Pair<Node, Node | null> | null {
    const above = path.length === 1 ? this.root : this.node(path.slice(0, -1));
    return isMap(above) ? pairOf(above, path[path.length - 1]) : null;
  }

  /** The value at a path of keys; null when it isn't there or empty. */
  node(path: readonly string[]): Node | null {
    let found: Node | null = this.root;
    for (const key of path) {
      found = isMap(found) ? (pairOf(found, key)?.value ?? null) : null;
    }
    return isScalar(found) && found.value === null ? null : found;
  }

  keys(path: readonly string[]): string[] {
    const node = path.length === 0 ? this.root : this.node(path);
    return isMap(node) ? node.items.map(pair => nameOf(pair)) : [];
  }

  /** Put a value, already written as YAML in one line, at a path; what is missing of the path is made. */
  put(path: readonly string[], written: string): string {
    const there = this.pair(path);
    if (there) {
      return this.with([this.replaced(there, written)]);
    }
    let depth = path.length - 1;
    while (depth > 0 && this.node(path.slice(0, depth)) === null) {
      depth -= 1;
    }
    const above = depth === 0 ? this.root : this.node(path.slice(0, depth));
    const rest = path.slice(depth);
    if (above === null) {
      return `${this.text}${this.text === '' || this.text.endsWith('\n') ? '' : '\n'}${nested(rest, written, depth)}\n`;
    }
    if (!isMap(above)) {
      const field = path.slice(0, depth).join('.');
      throw new Unreadable({ text: `${field} should be a group of fields.`, step: null, line: this.line(above), field });
    }
    const bare = depth === 1 && above.items.length === 0 && !this.root?.flow ? this.pair(path.slice(0, 1)) : null;
    if (bare) {
      return this.with([this.replaced(bare, `\n${block(rest, written, depth, '  ')}`)]); // `steps: {}`
    }
    const empty = pairOf(above, rest[0]);
    if (empty) {
      const indent = ' '.repeat(this.column(empty) + 2);
      const flow = above.flow || rest.length === 1;
      return this.with([
        this.replaced(empty, flow ? inline(rest.slice(1), written) : `\n${block(rest.slice(1), written, depth + 1, indent)}`)
      ]);
    }
    const order =
      depth === 0 ? ROOT : depth === 2 && path[0] === 'steps' ? STEP : path[0] === 'on_exit' && depth === 1 ? STEP : [];
    return this.with([this.inserted(above, rest, written, { depth, order })]);
  }

  /** Take what stands at a path away, and the group around it when that was all of it. */
  take(path: readonly string[]): string {
    const above = path.length === 1 ? this.root : this.node(path.slice(0, -1));
    const key = path[path.length - 1];
    if (!isMap(above) || pairOf(above, key) === null) {
      return this.text;
    }
    if (above.items.length > 1 || path.length === 1) {
      return this.with(this.removed(above, new Set([key])));
    }
    return path.length === 2 && path[0] === 'steps' ? this.put(['steps'], '{}') : this.take(path.slice(0, -1));
  }

  /** What takes pairs out of a group of which others stay. */
  removed(map: YAMLMap, keys: ReadonlySet<string>): ISplice[] {
    const goes = map.items.map(pair => keys.has(nameOf(pair)));
    const last = map.items.reduce((found, _, at) => (goes[at] ? found : at), -1);
    return map.items.flatMap((pair, at) => {
      if (!goes[at]) {
        return [];
      }
      if (!map.flow) {
        const { start, end } = this.lineSpan(pair);
        return [{ start, end, text: '' }];
      }
      // up to the next one, or behind the last that stays
      if (at < last) {
        return [{ start: startOf(pair), end: startOf(map.items[at + 1]), text: '' }];
      }
      return [
        {
          start:
            at === last + 1 && last >= 0 ? this.end(map.items[last]) : at === 0 ? startOf(pair) : this.end(map.items[at - 1]),
          end: this.end(pair),
          text: ''
        }
      ];
    });
  }

  /** What makes a pair say something else. */
  replaced(pair: Pair<Node, Node | null>, written: string): ISplice {
    const start = this.colon(pair) + 1;
    return {
      start,
      end: Math.max(start, this.end(pair)),
      text: written.startsWith('\n') || written === '' ? written : ` ${written}`
    };
  }

  private inserted(map: YAMLMap, rest: readonly string[], written: string, how: { depth: number; order: string[] }): ISplice {
    const rank = how.order.indexOf(rest[0]);
    let behind = map.items.length - 1;
    while (behind >= 0 && rank >= 0 && how.order.indexOf(nameOf(map.items[behind])) > rank) {
      behind -= 1;
    }
    const before = map.items[behind];
    if (map.flow) {
      const text = nested(rest, written, 9);
      if (before) {
        return { start: this.end(before), end: this.end(before), text: `, ${text}` };
      }
      const start = (rangeOf(map)?.[0] ?? 0) + 1;
      return { start, end: start, text: map.items.length ? `${text}, ` : text };
    }
    const indent = ' '.repeat(this.column(map.items[0]));
    const text = block(rest, written, how.order === STEP ? 2 : how.depth, indent);
    if (!before) {
      const start = startOf(map.items[0]);
      return { start, end: start, text: `${text.slice(indent.length)}\n${indent}` };
    }
    const start = this.lineEnd(this.end(before), indent.length);
    const cut = start > 0 && this.text[start - 1] === '\n';
    return { start, end: start, text: cut ? `${text}\n` : `\n${text}` };
  }
}

export { isAlias, isMap, isScalar, isSeq, nameOf, rangeOf, type ISplice };
