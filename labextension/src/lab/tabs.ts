/** Tabs of the main area: one for each run, artifact, comparison and table; a second wish shows the one that is there. */
import type { ILayoutRestorer } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { SplitPanel, TabPanel } from '@lumino/widgets';
import { shortId } from '../model/format';
import { Commands } from './commands';
import { mlopsIcon, runsIcon } from './icon';
import type { Panel } from './lazy';
import { tabId, type TabScreen } from './paths';
import type { Workplace } from './workplace';

interface IKept {
  widget: MainAreaWidget<Panel>;
  command: string;
  args: ReadonlyPartialJSONObject;
}

export class Tabs {
  constructor(
    private readonly place: Workplace,
    restorer: ILayoutRestorer | null
  ) {
    void restorer?.restore(this.tracker, {
      command: Commands.reopen,
      name: widget => widget.id,
      args: widget => this.kept.get(widget.id)?.args ?? {},
      when: this.place.app.serviceManager.ready
    });
  }

  open(command: string, screen: TabScreen, project: string): MainAreaWidget<Panel> {
    const id = tabId(screen, project);
    const args = { command, args: { ...screen, project } as unknown as ReadonlyPartialJSONObject };
    const old = this.kept.get(id);
    if (old) {
      old.args = args;
      old.widget.content.exchange({ screen });
      void this.tracker.save(old.widget);
      this.activate(old.widget);
      return old.widget;
    }
    const widget = this.make(id, screen, project);
    this.kept.set(id, { widget, command, args });
    widget.disposed.connect(() => this.kept.delete(id));
    this.place.app.shell.add(widget, this.isNotebook ? 'down' : 'main', { type: 'jupyter-mlops' });
    void this.tracker.add(widget);
    this.activate(widget);
    return widget;
  }

  /** A page of Notebook 7 has one document, and drops a second; below it, a tab has no height and doesn't come to the front. */
  private activate(widget: MainAreaWidget<Panel>): void {
    const below = this.isNotebook ? widget.parent?.parent : null;
    const opens = below?.isHidden;
    if (below instanceof TabPanel) {
      below.currentWidget = widget;
    }
    this.place.app.shell.activateById(widget.id);
    if (opens && below?.parent instanceof SplitPanel) {
      below.parent.setRelativeSizes([1, 1]);
    }
  }

  private get isNotebook(): boolean {
    return this.place.app.name === 'Jupyter Notebook';
  }

  private make(id: string, screen: TabScreen, project: string): MainAreaWidget<Panel> {
    const content = this.place.panel(screen, project);
    const widget = new MainAreaWidget({ content });
    widget.toolbar.hide(); // empty, and still 8 px high
    widget.id = id;
    widget.title.icon = screen.view === 'runs' || screen.view === 'compare' ? runsIcon : mlopsIcon;
    widget.title.closable = true;
    widget.title.label = this.label(screen);
    void this.named(screen, project).then(name => {
      if (name && !widget.isDisposed) {
        widget.title.label = name;
        widget.title.caption = `${name} · ${project || '/'}`;
      }
    });
    return widget;
  }

  private label(screen: TabScreen): string {
    const { t } = this.place;
    const labels: Record<TabScreen['view'], string> = {
      runs: t('Runs'),
      artifacts: t('Artifacts'),
      run: t('Run'),
      artifact: t('Artifact'),
      compare: t('Compare runs')
    };
    return screen.view === 'run' ? `${labels.run} ${shortId(screen.run)}` : labels[screen.view];
  }

  /** The name of what a tab shows, once it's known. */
  private async named(screen: TabScreen, project: string): Promise<string | null> {
    const backend = this.place.projects.backend(project);
    try {
      if (screen.view === 'run') {
        const { name, id } = await backend.call('runs.get', { run: screen.run });
        return name.includes(shortId(id)) ? name : `${name} ${shortId(id)}`;
      }
      return screen.view === 'artifact' ? (await backend.call('artifacts.get', { uid: screen.uid })).key : null;
    } catch {
      return null; // the screen itself says what is wrong
    }
  }

  private readonly tracker = new WidgetTracker<MainAreaWidget<Panel>>({ namespace: 'jupyter-mlops' });
  private readonly kept = new Map<string, IKept>();
}
