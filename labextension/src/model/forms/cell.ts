/** A notebook's cell on its way to become a Function: the directive above it, a name for it, and what it may give. */
import { asName } from './names';

const HEAD = /^\s*(?:%%|#\s*\|\s*)mlfunction(?:\s+(.*))?$/;

export interface IDirective {
  name: string;
  inputs: string[];
  returns: string[];
  description: string;
  /** Options that only the kernel understands, as `--timeout`: they count when the cell is executed. */
  others: string[];
}

/** What the first line says, when it makes a Function; and the code below it. */
export function readCell(source: string): { directive: IDirective | null; code: string } {
  const lines = source.split('\n');
  const at = lines.findIndex(line => line.trim() !== '');
  const match = at < 0 ? null : HEAD.exec(lines[at]);
  return match
    ? { directive: directive(match[1] ?? ''), code: lines.slice(at + 1).join('\n') }
    : { directive: null, code: source };
}

function directive(line: string): IDirective {
  const words = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  const found: IDirective = { name: '', inputs: [], returns: [], description: '', others: [] };
  let option = '';
  for (const word of words) {
    const plain = word.replace(/^(['"])(.*)\1$/, '$2');
    if (word.startsWith('--')) {
      const [name, value] = word.split(/=(.*)/s);
      option = name;
      if (!['--inputs', '--returns', '--description'].includes(option)) {
        found.others.push(option);
      }
      if (value) {
        put(found, option, value);
      }
    } else if (option === '') {
      found.name ||= plain;
    } else {
      put(found, option, plain);
    }
  }
  return found;
}

function put(found: IDirective, option: string, value: string): void {
  if (option === '--inputs') {
    found.inputs.push(value.replace(/,$/, ''));
  } else if (option === '--returns') {
    found.returns.push(value.replace(/,$/, ''));
  } else if (option === '--description') {
    found.description = value;
  }
}

/** The cell with the line on top that makes a Function of it. */
export function withDirective(source: string, name: string, returns: string[]): string {
  const { directive: said, code } = readCell(source);
  if (said?.name === name && said.returns.join() === returns.join()) {
    return source;
  }
  const kept = said ? keptOptions(source) : '';
  const line = `#| mlfunction ${name}${kept}${returns.length > 0 ? ` --returns ${returns.join(' ')}` : ''}`;
  return `${line}\n${code.replace(/^\n+/, '')}`;
}

/** The options of a line but `--returns`, as they were written. */
function keptOptions(source: string): string {
  const line = source.split('\n').find(each => each.trim() !== '') ?? '';
  const options = (HEAD.exec(line)?.[1] ?? '').match(/--[^-](?:(?!\s--)[^])*/g) ?? [];
  const kept = options.filter(option => !option.startsWith('--returns'));
  return kept.map(option => ` ${option.trim()}`).join('');
}

/** A name: of its first comment, of a function it defines, of what it makes last, or of the notebook. */
export function suggestName(code: string, notebook: string, taken: readonly string[]): string {
  const comment = /^\s*#+\s*(?![!|%])(.{3,40})$/m.exec(code.split('\n').slice(0, 3).join('\n'))?.[1] ?? '';
  const made = assigned(code);
  const candidates = [
    comment,
    /^def\s+(\w+)/m.exec(code)?.[1] ?? '',
    made.length > 0 ? `make_${made[made.length - 1]}` : '',
    notebook
  ];
  const base = candidates.map(asName).find(name => name !== '') ?? 'my_function';
  let name = base;
  for (let number = 2; taken.includes(name); number += 1) {
    name = `${base}_${number}`;
  }
  return name;
}

const ASSIGNED = /^([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*(?::[^=]+)?=(?!=)(.*)$/gm;
const LITERAL = /^\s*(?:[-+]?[\d.][\w.+-]*|'[^']*'|"[^"]*"|True|False|None|\[\s*\]|\{\s*\})\s*(?:#.*)?$/;

/** What a cell assigns at its top level, but for its parameters: leading assignments of literals. */
function assigned(code: string): string[] {
  const found: string[] = [];
  for (const [, names, value] of code.matchAll(ASSIGNED)) {
    if (!(found.length === 0 && LITERAL.test(value))) {
      found.push(...names.split(',').map(name => name.trim()));
    }
  }
  return [...new Set(found)].filter(name => !name.startsWith('_'));
}

/** What is worth keeping: what later cells use of what it makes, else the last thing it makes. */
export function suggestReturns(code: string, later: readonly string[]): string[] {
  const made = assigned(code);
  const used = made.filter(name => later.some(cell => new RegExp(`\\b${name}\\b`).test(cell)));
  return used.length > 0 ? used : made.slice(-1);
}
