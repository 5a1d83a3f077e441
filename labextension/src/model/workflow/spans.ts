/** Where the parts of a YAML text begin and end, and the text with pieces of it replaced. */
import { isCollection, isPair, isScalar } from 'yaml';
import type { Pair } from 'yaml';
import { rangeOf, startOf } from './nodes';

export interface ISplice {
  start: number;
  end: number;
  text: string;
}

export class Spans {
  constructor(readonly text: string) {}

  /** Text with pieces replaced. They mustn't overlap. */
  with(splices: readonly ISplice[]): string {
    let text = this.text;
    for (const { start, end, text: piece } of [...splices].sort((a, b) => b.start - a.start || b.end - a.end)) {
      text = text.slice(0, start) + piece + text.slice(end);
    }
    return text;
  }

  /** The whole lines of a pair in block style, with the deeper comments that follow it. */
  lineSpan(pair: Pair): { start: number; end: number } {
    const start = this.text.lastIndexOf('\n', startOf(pair) - 1) + 1;
    return { start, end: this.lineEnd(this.end(pair), startOf(pair) - start) };
  }

  /** Where the text of a pair ends, without what follows in its line. */
  end(pair: Pair): number {
    return this.endOf(pair.value) ?? this.colon(pair) + 1;
  }

  column(pair: Pair): number {
    return startOf(pair) - (this.text.lastIndexOf('\n', startOf(pair) - 1) + 1);
  }

  protected colon(pair: Pair): number {
    return this.text.indexOf(':', rangeOf(pair.key)?.[1] ?? 0);
  }

  private endOf(node: unknown): number | null {
    if (isPair(node)) {
      return this.end(node);
    }
    if (isCollection(node) && !node.flow && node.items.length) {
      return this.endOf(node.items[node.items.length - 1]);
    }
    const range = rangeOf(node);
    if (!range || (isScalar(node) && node.value === null && range[0] === range[1] && !node.tag)) {
      return null;
    }
    let end = range[1];
    while (isScalar(node) && end > range[0] && /\s/.test(this.text[end - 1])) {
      end -= 1; // the line ends of block scalars
    }
    return end;
  }

  /** The start of the line behind `at`, and behind comments that are deeper than `indent`. */
  protected lineEnd(at: number, indent: number): number {
    let next = this.text.indexOf('\n', at);
    while (next >= 0) {
      const following = /^([ \t]*)#[^\n]*(\n|$)/.exec(this.text.slice(next + 1, next + 1000));
      if (!following || following[1].length <= indent) {
        return next + 1;
      }
      const end = next + following[0].length;
      next = following[2] ? end : -1;
    }
    return this.text.length;
  }
}
