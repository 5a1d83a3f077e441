/** How the inspector is set: remembered while one walks from step to step, and from tab to tab of Lab. */
import { Bell } from '../../../model/bell';

export type PanelTab = 'overview' | 'properties' | 'log';

const WIDTH = 'jupyter-mlops:inspector-width';
export const LEAST = 240;
export const USUAL = 300;
export const MOST = 640;

class Panel {
  /** null until one is chosen: then it is the one that suits a step. */
  tab: PanelTab | null = null;
  open = true;
  private readonly tabs = new Bell<PanelTab>();
  private readonly opens = new Bell<boolean>();
  private readonly enters = new Bell<void>();

  turn(tab: PanelTab): void {
    this.tab = tab;
    this.tabs.ring(tab);
  }

  /** Show it, at a tab when one is given; `enter` moves the focus there. */
  show(open: boolean, tab?: PanelTab, enter = false): void {
    this.open = open;
    this.opens.ring(open);
    if (tab) {
      this.turn(tab);
    }
    if (enter) {
      this.enters.ring();
    }
  }

  onTab(listener: (tab: PanelTab) => void): () => void {
    return this.tabs.on(listener);
  }

  onOpen(listener: (open: boolean) => void): () => void {
    return this.opens.on(listener);
  }

  onEnter(listener: () => void): () => void {
    return this.enters.on(listener);
  }

  get width(): number {
    try {
      return fitting(Number(localStorage.getItem(WIDTH)) || USUAL);
    } catch {
      return USUAL; // a browser that stores nothing
    }
  }

  set width(width: number) {
    try {
      localStorage.setItem(WIDTH, String(fitting(width)));
    } catch {
      // then it's as usual the next time
    }
  }
}

export const fitting = (width: number): number => Math.round(Math.min(MOST, Math.max(LEAST, width)));

export const panel = new Panel();
