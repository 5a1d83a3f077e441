/** Python's literals: what people type for lists, tuples and the like. Nothing is evaluated. */
import type { Value } from '../contract';

/**
 * A literal of Python as a value: a tuple is `{"$": "tuple", "v": […]}`, a set `{"$": "set", …}`.
 *
 * Raises a SyntaxError when it is anything else.
 */
export function literal(source: string): Value {
  const reader = new Reader(source);
  const value = reader.value();
  reader.end();
  return value;
}

/** A value as Python would write it. */
export function pythonOf(value: Value): string {
  if (value === null) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (typeof value === 'string') {
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) ? String(value) : `float("${Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf'}")`;
  }
  if (Array.isArray(value)) {
    return `[${value.map(pythonOf).join(', ')}]`;
  }
  if (typeof value.$ === 'string' && 'v' in value) {
    return special(value.$, value.v);
  }
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${pythonOf(item)}`)
    .join(', ')}}`;
}

function special(tag: string, value: Value): string {
  if (tag === 'python') {
    return String(value);
  }
  const items = Array.isArray(value) ? value.map(pythonOf).join(', ') : pythonOf(value);
  if (tag === 'tuple') {
    return Array.isArray(value) && value.length === 1 ? `(${items},)` : `(${items})`;
  }
  return tag === 'set' && Array.isArray(value) && value.length ? `{${items}}` : `${tag}(${items})`;
}

const WORDS: Record<string, Value> = { None: null, True: true, False: false };
const NUMBER = /^[-+]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?(?![\w.])/;
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\n': '' };

class Reader {
  private at = 0;

  constructor(private readonly source: string) {}

  value(): Value {
    this.space();
    const rest = this.source.slice(this.at);
    const word = /^[A-Za-z_]\w*/.exec(rest)?.[0];
    if (word !== undefined && word in WORDS) {
      this.at += word.length;
      return WORDS[word];
    }
    const number = NUMBER.exec(rest)?.[0];
    if (number) {
      this.at += number.length;
      return Number(number.replaceAll('_', ''));
    }
    switch (rest[0]) {
      case '"':
      case "'":
        return this.text(rest[0]);
      case '[':
        return this.items(']').items;
      case '(':
        return this.tuple();
      case '{':
        return this.braces();
      default:
        throw this.wrong();
    }
  }

  end(): void {
    this.space();
    if (this.at < this.source.length) {
      throw this.wrong();
    }
  }

  private tuple(): Value {
    const { items, comma } = this.items(')');
    return items.length === 1 && !comma ? items[0] : { $: 'tuple', v: items };
  }

  private items(close: string): { items: Value[]; comma: boolean } {
    this.at += 1;
    const items: Value[] = [];
    let comma = false;
    while (!this.take(close)) {
      if (items.length && !comma) {
        throw this.wrong();
      }
      items.push(this.value());
      comma = this.take(',');
    }
    return { items, comma };
  }

  private braces(): Value {
    const pairs: [string, Value][] = [];
    const start = this.at;
    this.at += 1;
    let comma = true;
    while (!this.take('}')) {
      if (!comma) {
        throw this.wrong();
      }
      const key = this.value();
      if (!this.take(':')) {
        this.at = start;
        return { $: 'set', v: this.items('}').items };
      }
      if (typeof key !== 'string') {
        throw this.wrong();
      }
      pairs.push([key, this.value()]);
      comma = this.take(',');
    }
    return Object.fromEntries(pairs);
  }

  private text(quote: string): string {
    let said = '';
    for (let at = this.at + 1; at < this.source.length; at += 1) {
      const char = this.source[at];
      if (char === quote) {
        this.at = at + 1;
        return said;
      }
      if (char === '\\') {
        at += 1;
        const hex = /^x([0-9a-fA-F]{2})|^u([0-9a-fA-F]{4})/.exec(this.source.slice(at));
        said += hex ? String.fromCharCode(parseInt(hex[1] ?? hex[2], 16)) : (ESCAPES[this.source[at]] ?? this.source[at]);
        at += hex ? hex[0].length - 1 : 0;
      } else {
        said += char;
      }
    }
    throw this.wrong();
  }

  private take(sign: string): boolean {
    this.space();
    if (this.source[this.at] !== sign) {
      return false;
    }
    this.at += sign.length;
    return true;
  }

  private space(): void {
    this.at += /^\s*/.exec(this.source.slice(this.at))?.[0].length ?? 0;
  }

  private wrong(): SyntaxError {
    return new SyntaxError(`${this.source} isn’t a literal of Python: write a number, a quoted text, a list, ….`);
  }
}
