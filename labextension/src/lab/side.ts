/** The sidebar's widget: it shows the chosen project, and the form that runs something. */
import type { ILayoutRestorer } from '@jupyterlab/application';
import type { IGiven } from '../model/host';
import { mlopsIcon } from './icon';
import { Panel } from './lazy';
import type { Workplace } from './workplace';

export const SIDEBAR = 'jupyter-mlops-sidebar';

export class Side {
  constructor(
    private readonly place: Workplace,
    restorer: ILayoutRestorer | null
  ) {
    const { app, projects, t } = place;
    this.panel = new Panel({
      backend: projects.current,
      host: place.host('sidebar', projects.chosen),
      screen: { view: 'sidebar' }
    });
    this.panel.id = SIDEBAR;
    this.panel.title.icon = mlopsIcon;
    this.panel.title.caption = t('MLOps');
    app.shell.add(this.panel, 'left', { rank: 150 });
    restorer?.add(this.panel, SIDEBAR);
    projects.onChange(() => this.update());
  }

  show = (): void => this.place.app.shell.activateById(SIDEBAR);

  openForm = (target: string, given: IGiven | undefined, project: string): void => {
    this.place.projects.choose(project);
    this.panel.exchange({ screen: { view: 'form', target, given, onDone: () => this.update() } });
    this.show();
  };

  private update(): void {
    const { projects } = this.place;
    this.panel.exchange({
      backend: projects.current,
      host: this.place.host('sidebar', projects.chosen),
      screen: { view: 'sidebar' }
    });
  }

  private readonly panel: Panel;
}
