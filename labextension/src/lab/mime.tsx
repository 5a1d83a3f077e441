/**
 * The output of a panel in Lab: first what was saved, which needs nothing and nobody; then live, by the widget while its kernel
 * knows it, else by the server when the project lies below its root.
 */
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';
import { lazy, Suspense } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { ago } from '../model/format';
import { OUTPUT, stateIn, surround, type IDraft, type ILeft, type IOuter } from '../model/panel/frame';
import { samePlace, type IPlace } from '../model/panel/trail';
import { candidates, MIME, readView, type IKeptView } from '../model/panel/view';
import { SnapshotBackend } from '../model/snapshot';
import { KernelWatch } from './kernelwatch';
import type { Workplace } from './workplace';

const CellApp = lazy(() => import('./cells').then(m => ({ default: m.CellApp })));

const WIDGET = 'application/vnd.jupyter.widget-view+json';
const WAITING = 'jmo-output-waiting';
const PATIENCE = 15_000;
const LEFT = new Map<string, ILeft>();

type Showing = { by: 'snapshot' } | { by: 'server'; path: string } | { by: 'widget'; renderer: IRenderMime.IRenderer };

export class PanelOutput extends Widget implements IRenderMime.IRenderer {
  constructor(
    private readonly workplace: Workplace,
    private readonly notebooks: INotebookTracker | null
  ) {
    super();
    this.addClass(OUTPUT);
    this.layout = new PanelLayout(); // a widget in it hears of being attached and detached, and ends with it
    this.outer = workplace.host('main', null);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.model = model;
    this.view = readView(model.data[MIME]);
    this.place = this.view.place;
    this.draw();
    void this.consider();
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.kernel.listen(null);
    this.leave();
    const root = this.root;
    this.root = null;
    queueMicrotask(() => root?.unmount()); // React may be in the middle of drawing the notebook
    super.dispose();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.kernel.listen(this.notebooks?.find(panel => panel.content.node.contains(this.node)) ?? null);
    void this.consider();
  }

  /** Find the best there is now to show it with. */
  private consider = async (): Promise<void> => {
    const mine = ++this.turn;
    const current = (): boolean => mine === this.turn && !this.isDisposed;
    if (!this.view || !this.isAttached) {
      return;
    }
    const known = await this.kernel.knows((this.model?.data[WIDGET] as { model_id?: string } | undefined)?.model_id);
    if (!current()) {
      return;
    }
    if (known && this.showing.by !== 'widget') {
      await this.enterWidget(current);
    } else if (!known && this.showing.by === 'widget') {
      await this.replaceWidget(current);
    }
    if (current() && this.showing.by === 'snapshot' && (this.model?.trusted || this.wanted)) {
      const path = await this.findProject();
      if (current() && path !== null) {
        this.turnTo({ by: 'server', path });
      }
    }
  };

  /** Draw the widget out of sight, and change over when it has something to show. */
  private async enterWidget(current: () => boolean): Promise<void> {
    const { panel } = this.kernel;
    if (!panel || !this.model || stateIn(this.node)?.draft) {
      return;
    }
    this.tell();
    const renderer = panel.content.rendermime.createRenderer(WIDGET);
    renderer.addClass(WAITING);
    (this.layout as PanelLayout).addWidget(renderer);
    await renderer.renderModel(this.model).catch(() => undefined);
    if ((await drawn(renderer.node)) && current()) {
      renderer.removeClass(WAITING);
      this.turnTo({ by: 'widget', renderer });
    } else {
      renderer.dispose();
    }
  }

  /** The kernel is gone: go on where the widget was, by the server; without one, edits that aren't saved stay on the screen. */
  private async replaceWidget(current: () => boolean): Promise<void> {
    const path = await this.findProject();
    const state = stateIn(this.node);
    if (!current() || (path === null && state?.draft)) {
      return;
    }
    this.place = state?.place ?? this.place;
    this.draft = state?.draft ? { draft: state.draft, workflow: state.place.target[0] ?? null, etag: state.etag ?? null } : null;
    if (this.showing.by === 'widget') {
      this.showing.renderer.dispose();
    }
    this.turnTo(path === null ? { by: 'snapshot' } : { by: 'server', path });
  }

  /** The project's folder, if the server has it and it is the one. */
  private async findProject(): Promise<string | null> {
    const folder = (this.kernel.panel?.context.path ?? '').split('/').slice(0, -1).join('/');
    for (const path of candidates(this.view?.places ?? [], folder)) {
      const found = await this.workplace.projects
        .backend(path)
        .call('project.get', {})
        .catch(() => null);
      if (found && found.name === this.view?.project) {
        return path;
      }
    }
    return null;
  }

  private turnTo(showing: Showing): void {
    this.showing = showing;
    this.draw();
  }

  private draw(): void {
    const { view, place } = this;
    if (!view || !place || this.showing.by === 'widget') {
      const root = this.root;
      this.root = null;
      this.frame?.remove();
      this.frame = null;
      queueMicrotask(() => root?.unmount());
      return;
    }
    if (!this.root) {
      this.frame = document.createElement('div');
      this.frame.className = 'jmo-host jmo-cell';
      this.frame.style.height = `${view.height}px`; // before the styles are there, too
      this.node.append(this.frame);
      this.root = createRoot(this.frame);
    }
    const saved = view.savedAt === null ? this.workplace.t('saved earlier') : ago(view.savedAt);
    this.snapshot ??= new SnapshotBackend(view.project, view.snapshot, saved);
    const live = this.showing.by === 'server';
    this.root.render(
      <Suspense fallback={null}>
        <CellApp
          key={this.showing.by}
          backend={this.showing.by === 'server' ? this.workplace.projects.backend(this.showing.path) : this.snapshot}
          place={place}
          draft={this.draft}
          take={this.take}
          outer={this.outer}
          saved={live ? undefined : saved}
          onLive={live || this.model?.trusted ? undefined : this.goLive}
          onPlace={where => ((this.place = where), this.tell())}
        />
      </Suspense>
    );
  }

  /** Tell the widget that comes, or is here, what Lab can do for it, and where one has gone meanwhile. */
  private tell(): void {
    const { place, view } = this;
    const gone = this.showing.by !== 'widget' && place && view && !samePlace(place, view.place);
    surround(this.node, { outer: this.outer, place: gone ? place : null, take: this.take });
  }

  /** What isn't saved goes on in the next output that shows the same workflow, as when its cell is run again. */
  private leave(): void {
    const state = stateIn(this.node);
    if (state?.draft && state.place.view === 'workflow') {
      LEFT.set(this.key(state.place.target[0]), { draft: state.draft, etag: state.etag ?? null });
    }
  }

  private take = (workflow: string): ILeft | null => {
    const left = LEFT.get(this.key(workflow)) ?? null;
    LEFT.delete(this.key(workflow));
    return left;
  };

  private key(workflow: string): string {
    return JSON.stringify([this.view?.project, workflow]);
  }

  /** Asked for, in a notebook that isn't trusted. */
  private goLive = (): void => {
    this.wanted = true;
    void this.consider().then(() => {
      if (this.showing.by === 'snapshot') {
        this.workplace
          .host('main', null)
          .notify(this.workplace.t('Project %1 isn’t below the server’s root: run the cell.', this.view?.project ?? ''), 'info');
      }
    });
  };

  private readonly outer: IOuter;
  private readonly kernel = new KernelWatch(() => void this.consider());
  private model: IRenderMime.IMimeModel | null = null;
  private view: IKeptView | null = null;
  private place: IPlace | null = null;
  private showing: Showing = { by: 'snapshot' };
  private snapshot: SnapshotBackend | null = null;
  private root: Root | null = null;
  private frame: HTMLElement | null = null;
  private turn = 0;
  private wanted = false;
  private draft: IDraft | null = null;
}

/** Whether a widget has drawn more than that it is loading, within reason. */
async function drawn(node: HTMLElement): Promise<boolean> {
  const ready = () => node.querySelector('.jmo-cell-screen .jmo-root') !== null && node.querySelector('.jmo-loading') === null;
  for (const end = Date.now() + PATIENCE; Date.now() < end;) {
    if (ready()) {
      return true;
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return node.querySelector('.jmo-cell-frame') !== null;
}

/** Render what panels leave in notebooks; safe, as it draws JSON only, so that untrusted notebooks show it, too. */
export function addOutputs(workplace: Workplace, renderers: IRenderMimeRegistry, notebooks: INotebookTracker | null): void {
  const createRenderer = () => new PanelOutput(workplace, notebooks);
  renderers.addFactory({ safe: true, mimeTypes: [MIME], createRenderer }, -10);
}
