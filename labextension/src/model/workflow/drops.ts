/** What may be dropped on a workflow's canvas, from whatever kind of drag. */

/** Of HTML's drags within our own screens: `{"function": name}` or `{"workflow": name}`. */
export const MIME = 'application/x-jupyter-mlops+json';

/** A DOM event that a host dispatches on an element of the canvas (it bubbles) for drags that aren't HTML's. */
export const CANVAS_DROP = 'jmo-drop';

/** The canvas's element, for hosts to find it under the pointer. */
export const CANVAS = '.jmo-canvas';

export type Dropped = { function: string } | { workflow: string } | /** A path in Lab's file browser. */ { notebook: string };

export interface ICanvasDrop {
  what: Dropped;
  /** Where, in the window. */
  x: number;
  y: number;
}

export const dropEvent = (drop: ICanvasDrop): CustomEvent<ICanvasDrop> =>
  new CustomEvent(CANVAS_DROP, { detail: drop, bubbles: true });

/** What a drag carries, or null when it's none of ours. */
export function asDrop(json: string): Dropped | null {
  try {
    const found: unknown = JSON.parse(json);
    if (typeof found !== 'object' || found === null) {
      return null;
    }
    for (const key of ['function', 'workflow', 'notebook'] as const) {
      const value = (found as Record<string, unknown>)[key];
      if (typeof value === 'string') {
        return { [key]: value } as Dropped;
      }
    }
  } catch {
    // text of somebody else
  }
  return null;
}
