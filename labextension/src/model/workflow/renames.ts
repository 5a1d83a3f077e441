/** Other names for steps and params: from text to text; all that refers to them follows. */
import { ON_EXIT, pathOf } from './document';
import { isName } from './names';
import { isMap, isScalar, isSeq, type ISplice, Source } from './source';
import { type IReference, reference, referenceOf } from './values';

/** Give a step another name; all that refers to it follows. */
export function renameStep(text: string, name: string, to: string): string {
  if (name === to) {
    return text;
  }
  checkName(to, Source.of(text).keys(['steps']));
  return renameSteps(text, { [name]: to });
}

/** Give steps other names, all at once; the names must be free. */
export function renameSteps(text: string, names: Record<string, string>): string {
  const source = Source.of(text);
  return source.with([...renamedKeys(source, names), ...renamedReferences(source, stepRename(names))]);
}

/** Give a parameter of the workflow another name; all that refers to it follows. */
export function renameParam(text: string, name: string, to: string): string {
  const source = Source.of(text);
  const pair = source.pair(['params', name]);
  if (!/^[A-Za-z]\w*$/.test(to) || source.pair(['params', to])) {
    throw new Error(`“${to}” can’t name a parameter: use a free name of letters, digits and _.`);
  }
  return source.with([...(pair ? [scalarSplice(pair.key, to)] : []), ...renamedReferences(source, paramRename(name, to))]);
}

export function stepNames(source: Source): string[] {
  const names = source.keys(['steps']);
  return source.node([ON_EXIT]) ? [...names, ON_EXIT] : names;
}

export function checkName(name: string, taken: readonly string[]): void {
  if (!isName(name)) {
    throw new Error(`“${name}” can’t name a step: use a-z, 0-9 and _, begin with a letter, at most 63 characters.`);
  }
  if (taken.includes(name)) {
    throw new Error(`There is a step “${name}” already: choose another name.`);
  }
}

interface IRename {
  reference(found: IReference): IReference;
  after(step: string): string;
  condition(text: string): string;
}

const stepRename = (names: Record<string, string>): IRename => ({
  reference: found => ({ ...found, step: names[found.step] ?? found.step }),
  after: step => names[step] ?? step,
  condition: text => renamedCondition(text, ({ step, output }) => ({ step: names[step] ?? step, output }))
});

function paramRename(name: string, to: string): IRename {
  const reference = (found: IReference) => (found.step === 'params' && found.output === name ? { ...found, output: to } : found);
  return { reference, after: step => step, condition: text => renamedCondition(text, reference) };
}

function renamedKeys(source: Source, names: Record<string, string>): ISplice[] {
  return ['steps', 'layout'].flatMap(field =>
    source
      .keys([field])
      .filter(name => (names[name] ?? name) !== name)
      .map(name => scalarSplice(source.pair([field, name])!.key, names[name]))
  );
}

/** What lets references, `after` and conditions follow new names. */
function renamedReferences(source: Source, rename: IRename): ISplice[] {
  const splices: ISplice[] = [];
  const visit = (node: unknown, change: (text: string) => string): void => {
    if (isMap(node)) {
      node.items.forEach(pair => visit(pair.value, change));
    } else if (isSeq(node)) {
      node.items.forEach(item => visit(item, change));
    } else if (isScalar(node) && typeof node.value === 'string' && change(node.value) !== node.value) {
      splices.push(scalarSplice(node, change(node.value), node.type === 'PLAIN'));
    }
  };
  const referring = (text: string): string => {
    const found = referenceOf(text);
    const now = found && rename.reference(found);
    return now ? reference(now.step, now.output) : text;
  };
  for (const name of stepNames(source)) {
    const path = pathOf(name);
    for (const field of ['params', 'inputs', 'foreach', 'sweep']) {
      visit(source.node([...path, field]), referring);
    }
    visit(source.node([...path, 'after']), rename.after);
    visit(source.node([...path, 'when']), rename.condition);
  }
  visit(source.node(['outputs']), referring);
  return splices;
}

const CONDITION = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.])([a-z][a-z0-9_]*)(\s*\.\s*)([A-Za-z_]\w*)/g;

/** A condition with other names; its quoted texts stay. */
export function renamedCondition(text: string, rename: (found: IReference) => IReference): string {
  return text.replace(CONDITION, (all: string, step: string | undefined, dot: string, output: string) => {
    const now = step === undefined ? null : rename({ step, output });
    return now ? `${now.step}${dot}${now.output}` : all;
  });
}

function scalarSplice(node: unknown, text: string, plain = true): ISplice {
  const [start, end] = (node as { range: [number, number, number] }).range;
  return { start, end, text: plain && !text.startsWith('$') ? text : JSON.stringify(text) };
}
