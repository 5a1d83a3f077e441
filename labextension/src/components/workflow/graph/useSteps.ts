/** What people do to steps: add, connect, delete, copy, move. Each is one edit of the text. */
import { useMemo } from 'react';
import { addStep, type Called, move, type Place, removeSteps, setLayout } from '../../../model/workflow/edits';
import { copySteps, isFragment, paste } from '../../../model/workflow/fragments';
import { edgesOf, type IEdge, refused, type Slot } from '../../../model/workflow/graph';
import { arranged, better, free } from '../../../model/workflow/layout';
import { ranks } from '../../../model/workflow/graph';
import { freshName } from '../../../model/workflow/names';
import { openSlots } from '../../../model/workflow/ports';
import { connect, connectOrder, disconnect } from '../../../model/workflow/wiring';
import { useHost } from '../../surroundings';
import type { IEditor } from '../context';
import { refusalText } from '../words';
import type { IElements } from './elements';
import { WIDTH } from './handles';
import type { ISize } from './useSize';

export interface IEnd {
  step: string;
  output: string | null;
}

export interface ISteps {
  /** `near` is the middle of the new node; without it, it stands behind what is selected. `from` is connected with it. */
  add(called: Called, how?: { near?: Place | null; from?: IEnd | null }): string | null;
  remove(names: readonly string[], edges?: readonly IEdge[]): void;
  /** Asks for the output when none is named. */
  connect(from: IEnd, to: { step: string; slot: Slot }, instead?: IEdge | null): Promise<void>;
  move(places: Record<string, Place>): void;
  tidy(view: ISize | null): void;
  copy(names: readonly string[]): string;
  paste(fragment: string): void;
  duplicate(names: readonly string[]): void;
}

const STEP_SIZE = { width: WIDTH, height: 78 };

export function useSteps(editor: IEditor, elements: IElements): ISteps {
  const host = useHost();
  return useMemo(() => {
    const { t } = host;
    const { doc, functions, edit, select } = editor;
    const { sizes, places, direction } = elements;
    const known = (name: string) => doc.steps.some(step => step.name === name);

    /** Where a node that comes behind others stands. */
    const behind = (): Place => {
      const anchor = [...editor.selected].reverse().find(name => places[name]) ?? sizes[sizes.length - 1]?.id;
      if (anchor === undefined) {
        return [0, 0];
      }
      const [x, y] = places[anchor];
      const wanted: Place = direction === 'LR' ? [x + WIDTH + 64, y] : [x, y + 78 + 44];
      return free(wanted, STEP_SIZE, sizes, places, direction);
    };
    /** Once one node has its place, all keep theirs: else the layout of the rest would jump. */
    const pinned = (text: string): string => (Object.keys(doc.layout).length || sizes.length === 0 ? text : move(text, places));

    const bind = async (from: IEnd, to: { step: string; slot: Slot }, instead: IEdge | null = null) => {
      const others = edgesOf(doc).filter(edge => edge.id !== instead?.id);
      const why = refusalText(refused(others, from.step, to.step), t);
      if (why) {
        host.notify(why, 'error');
        return;
      }
      const output = to.slot.field === 'after' ? '' : (from.output ?? (await askOutput(host, from.step)));
      if (output === null) {
        return;
      }
      edit(t('Connect %1 with %2', from.step, to.step), text => {
        const without = instead ? disconnect(text, instead) : text;
        return to.slot.field === 'after'
          ? connectOrder(without, from.step, to.step)
          : connect(without, { step: from.step, output }, to);
      });
    };

    return {
      add(called, { near = null, from = null } = {}) {
        const base = 'function' in called ? called.function : called.workflow;
        const name = freshName(
          doc.steps.map(step => step.name),
          base
        );
        const at: Place = near ? [near[0] - WIDTH / 2, near[1] - 39] : behind();
        const slot = from ? firstSlot(called, functions) : null;
        const done = edit(t('Add %1', name), text => {
          const added = addStep(pinned(text), name, called, at);
          if (!from || !slot) {
            return added;
          }
          return slot.field === 'after' || from.output === null
            ? connectOrder(added, from.step, name)
            : connect(added, { step: from.step, output: from.output }, { step: name, slot });
        });
        if (done) {
          select([name], { reveal: near === null });
        }
        return done ? name : null;
      },
      remove(names, edges = []) {
        const steps = names.filter(name => known(name) || doc.on_exit?.name === name);
        const loose = edges.filter(edge => !steps.includes(edge.source) && !steps.includes(edge.target));
        if (steps.length + loose.length === 0) {
          return;
        }
        const label = steps.length === 1 ? t('Delete %1', steps[0]) : steps.length ? t('Delete steps') : t('Disconnect');
        if (
          edit(label, text =>
            removeSteps(
              loose.reduce((left, edge) => disconnect(left, edge), text),
              steps
            )
          ) &&
          steps.length
        ) {
          select([]);
        }
      },
      connect: bind,
      move(moved) {
        const names = Object.keys(moved);
        edit(
          names.length === 1 ? t('Move %1', names[0]) : t('Move steps'),
          text => move(pinned(text), moved),
          `move ${names.sort().join()}`
        );
      },
      tidy(view) {
        const links = edgesOf(doc);
        const way = view ? better(ranks(doc, links), STEP_SIZE, view) : direction;
        edit(t('Tidy'), text => setLayout(text, arranged(sizes, links, way)));
      },
      copy: names => copySteps(editor.text, names.filter(known)),
      paste: fragment => insert(editor, fragment, t('Paste steps'), sizes.length > 0),
      duplicate: names => insert(editor, copySteps(pinned(editor.text), names.filter(known)), t('Duplicate'), true)
    };
  }, [editor, elements, host]);
}

function insert({ edit, select }: IEditor, fragment: string, label: string, shifted: boolean): void {
  if (!isFragment(fragment)) {
    return;
  }
  let names: string[] = [];
  const done = edit(label, text => {
    const pasted = paste(text, fragment, shifted ? [32, 32] : [0, 0]);
    names = Object.values(pasted.names);
    return pasted.text;
  });
  if (done) {
    select(names, { reveal: true });
  }
}

function firstSlot(called: Called, functions: IEditor['functions']): Slot | null {
  const found = 'function' in called ? (functions.get(called.function) ?? null) : null;
  const empty = { name: '', inputs: {}, params: {}, foreach: {}, function: found?.name ?? null } as never;
  return openSlots(empty, found).find(slot => slot.field === 'inputs' || slot.field === 'after') ?? null;
}

/** A step whose Function doesn't say what it gives may give anything. */
async function askOutput(host: ReturnType<typeof useHost>, step: string): Promise<string | null> {
  const name = await host.ask({
    title: host.t('Which output of %1?', step),
    label: host.t('Name of the output'),
    accept: host.t('Connect'),
    check: text => (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(text) ? null : host.t('Write a name: letters, digits and _.'))
  });
  return name;
}
