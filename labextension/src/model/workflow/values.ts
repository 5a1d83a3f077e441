/** Values of a workflow: from YAML, to YAML, and the references among them. */
import type { Node } from 'yaml';
import type { Value } from '../contract';
import { literal } from './literals';
import { isAlias, isMap, isScalar, isSeq, nameOf } from './source';

/** `step` is `params` for a parameter of the workflow. */
export interface IReference {
  step: string;
  output: string;
}

const REFERENCE = /^\$\{([a-z][a-z0-9_]*)\.([\p{L}_][\p{L}\p{N}_]*)\}$/u;
// what no reader of YAML could take for anything but a text
const PLAIN = /^[A-Za-z_](?:[A-Za-z0-9_./-]|[ @:](?=[A-Za-z0-9_./-]))*$/;
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n|nan|inf|none)$/i;

export const reference = (step: string, output: string): string => `\${${step}.${output}}`;

export function referenceOf(value: Value | undefined): IReference | null {
  const found = typeof value === 'string' ? REFERENCE.exec(value) : null;
  return found ? { step: found[1], output: found[2] } : null;
}

/** All references in a value, however deep. */
export function referencesIn(value: Value | undefined): IReference[] {
  const found = referenceOf(value);
  if (found) {
    return [found];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(referencesIn) : [];
}

/** What a node means; what YAML hasn't as `{"$": tag, "v": …}`. */
export function valueOf(node: Node | null): Value {
  if (node === null || isAlias(node)) {
    return null;
  }
  const tag = node.tag?.startsWith('!') ? node.tag.slice(1) : null;
  const plain = isMap(node)
    ? Object.fromEntries(node.items.map(pair => [nameOf(pair), valueOf(pair.value as Node | null)]))
    : isSeq(node)
      ? node.items.map(item => valueOf(item as Node | null))
      : isScalar(node)
        ? tag
          ? String(node.source ?? node.value)
          : (node.value as Value)
        : null;
  return tag ? { $: tag, v: plain } : plain;
}

/**
 * A value as YAML in one line.
 *
 * Raises an Error for Python source that is no literal.
 */
export function written(value: Value): string {
  if (value === null) {
    return 'null';
  }
  if (typeof value === 'string') {
    return text(value);
  }
  if (typeof value === 'number') {
    return number(value);
  }
  if (typeof value === 'boolean') {
    return String(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(written).join(', ')}]`;
  }
  if (typeof value.$ === 'string' && 'v' in value) {
    return value.$ === 'python' ? written(literal(String(value.v))) : `!${value.$} ${tagged(value.v)}`;
  }
  return `{${Object.entries(value)
    .map(([key, item]) => `${text(key)}: ${written(item)}`)
    .join(', ')}}`;
}

const tagged = (value: Value): string => (typeof value === 'string' ? JSON.stringify(value) : written(value));

function text(value: string): string {
  return PLAIN.test(value) && !WORDS.test(value) ? value : quoted(value);
}

/** JSON's quotes are YAML's, but for characters that YAML wants escaped. */
const quoted = (value: string): string =>
  JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    found => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`
  );

function number(value: number): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? '.nan' : value < 0 ? '-.inf' : '.inf';
  }
  const said = String(value);
  return said.includes('.') ? said : said.replace('e', '.0e'); // a float for YAML 1.1, too
}

export const sameValue = (one: Value | undefined, other: Value | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
