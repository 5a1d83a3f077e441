/** Undo and redo over texts. */

export interface IEntry {
  text: string;
  /** What was done to get from here to the next; of the future, from the one before to here. */
  label: string;
}

export interface IHistory {
  past: readonly IEntry[];
  text: string;
  future: readonly IEntry[];
  /** The `merge` of the edit that made `text`, or null. */
  merge: string | null;
}

const LONGEST = 200;

export const begin = (text: string): IHistory => ({ past: [], text, future: [], merge: null });

/** Edits that follow each other with the same `merge` are taken back as one. */
export function edited(history: IHistory, text: string, label: string, merge: string | null = null): IHistory {
  if (text === history.text) {
    return history;
  }
  if (merge !== null && merge === history.merge) {
    return { ...history, text, future: [] };
  }
  return { past: [...history.past, { text: history.text, label }].slice(-LONGEST), text, future: [], merge };
}

export function undone(history: IHistory): IHistory {
  const last = history.past[history.past.length - 1];
  return last
    ? {
        past: history.past.slice(0, -1),
        text: last.text,
        future: [{ text: history.text, label: last.label }, ...history.future],
        merge: null
      }
    : history;
}

export function redone(history: IHistory): IHistory {
  const [next, ...future] = history.future;
  return next
    ? { past: [...history.past, { text: history.text, label: next.label }], text: next.text, future, merge: null }
    : history;
}

export const undoes = (history: IHistory): string | null => history.past[history.past.length - 1]?.label ?? null;
export const redoes = (history: IHistory): string | null => history.future[0]?.label ?? null;
