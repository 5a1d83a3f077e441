/** The sidebar's widget, and what it may ask of Lab. */
import type { ILayoutRestorer } from '@jupyterlab/application';
import { DocumentWidget } from '@jupyterlab/docregistry';
import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONObject, ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { Refusal } from '../model/backend';
import { Bell } from '../model/bell';
import type { IProjectRef } from '../model/contract';
import type { IGiven } from '../model/host';
import type { ISidebarPlace, IWanted } from '../model/sidebar';
import { Commands } from './commands';
import { mlopsIcon } from './icon';
import { Panel } from './lazy';
import type { Workplace } from './workplace';

export const SIDEBAR = 'jupyter-mlops-sidebar';
const KEY = 'jupyter-mlops:sidebar';

export class Side implements ISidebarPlace {
  constructor(
    private readonly place: Workplace,
    restorer: ILayoutRestorer | null,
    private readonly state: IStateDB | null
  ) {
    const { app, projects, t } = place;
    this.panel = new Panel({
      backend: projects.current,
      host: place.host('sidebar', projects.chosen),
      screen: { view: 'sidebar', place: this }
    });
    this.panel.id = SIDEBAR;
    this.panel.title.icon = mlopsIcon;
    this.panel.title.caption = t('MLOps');
    this.panel.node.setAttribute('role', 'region');
    this.panel.node.setAttribute('aria-label', t('MLOps'));
    app.shell.add(this.panel, 'left', { rank: 150, type: 'jupyter-mlops' });
    restorer?.add(this.panel, SIDEBAR);
    app.shell.currentChanged?.connect(() => this.bell.ring());
    let shown = projects.chosen;
    place.onChange(() => {
      if (projects.chosen !== shown) {
        shown = projects.chosen;
        this.wanted = this.wanted?.project === shown ? this.wanted : null;
        this.panel.exchange({ backend: projects.current, host: place.host('sidebar', shown) });
      }
      this.bell.ring();
    });
    void Promise.resolve(state?.fetch(KEY)).then(found => {
      this.memory = (found ?? {}) as Record<string, unknown>;
    }, console.error);
  }

  show = (): void => this.place.app.shell.activateById(SIDEBAR);

  openForm = (target: string, given: IGiven | undefined, project: string): void => {
    const { parallel } = this.place.preferences;
    const options = { ...(parallel > 0 ? { parallel } : {}), ...given?.options };
    this.wanted = { target, given: { ...given, options }, project };
    this.place.projects.choose(project);
    this.bell.ring();
    this.show();
  };

  // --- what the sidebar asks for ---

  get projects(): IProjectRef[] | null {
    return this.place.projects.list;
  }

  get chosen(): string | null {
    return this.place.projects.chosen;
  }

  get problem(): Error | null {
    return this.place.projects.error;
  }

  get missing(): boolean {
    return this.problem instanceof Refusal && this.problem.status === 404;
  }

  get form(): IWanted | null {
    return this.wanted;
  }

  get confirmAbort(): boolean {
    return this.place.preferences.confirmAbort;
  }

  get hasNotebook(): boolean {
    const { app, projects } = this.place;
    const front = app.shell.currentWidget;
    const path = front instanceof DocumentWidget ? front.context.path : '';
    const holding = projects.holding(path);
    const isOurs = holding === null || holding.path === this.chosen; // a cell becomes a Function of its notebook's project
    return path.endsWith('.ipynb') && isOurs && app.commands.isEnabled(Commands.makeFunction);
  }

  onChange(listener: () => void): () => void {
    return this.bell.on(listener);
  }

  refresh(): void {
    void this.place.projects.refresh();
  }

  choose(path: string): void {
    this.place.projects.choose(path);
  }

  newProject(): void {
    this.run(Commands.newProject);
  }

  openFolder(): void {
    this.run(Commands.openFolder);
  }

  showFiles(): void {
    this.run('filebrowser:go-to-path', { path: this.chosen ?? '' });
    this.run('filebrowser:activate');
  }

  openArtifacts(): void {
    this.run(Commands.openArtifacts);
  }

  closeForm(): void {
    this.wanted = null;
    this.bell.ring();
  }

  makeFunction(): void {
    this.run(this.hasNotebook ? Commands.makeFunction : Commands.newFunction);
  }

  recall(key: string): unknown {
    return this.memory[key];
  }

  keep(key: string, value: unknown): void {
    this.memory = { ...this.memory, [key]: value };
    void this.state?.save(KEY, this.memory as ReadonlyPartialJSONValue);
  }

  private run(command: string, args?: ReadonlyPartialJSONObject): void {
    void this.place.app.commands.execute(command, args).catch(console.error);
  }

  private wanted: (IWanted & { project: string }) | null = null;
  private memory: Record<string, unknown> = {};
  private readonly bell = new Bell<void>();
  private readonly panel: Panel;
}
