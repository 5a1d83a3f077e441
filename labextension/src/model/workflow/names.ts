/** Names of steps and params. */
const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const RESERVED = new Set(['params', 'run', 'on_exit']);
// a step's name is a name in Python, too
const WORDS = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import in is lambda ' +
    'nonlocal not or pass raise return try while with yield'
  ).split(' ')
);

/** Whether a name fits the rule, is free to mean a step, and is no word of Python. */
export const isName = (name: string): boolean => NAME.test(name) && !RESERVED.has(name) && !WORDS.has(name);

/** `base` when it's free, else `base_2`, `base_3`, …. */
export function freshName(taken: Iterable<string>, base: string): string {
  const used = new Set(taken);
  const words = base
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^[^a-z]+/, '');
  const name = words === '' ? 'step' : words.slice(0, 58);
  if (isName(name) && !used.has(name)) {
    return name;
  }
  const stem = name.replace(/_\d+$/, '') || name;
  for (let number = 2; ; number += 1) {
    if (!used.has(`${stem}_${number}`)) {
      return `${stem}_${number}`;
    }
  }
}
