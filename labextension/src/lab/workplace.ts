/** What our plugins share: the projects, the translator, and how a component's wishes become commands. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';
import { Bell } from '../model/bell';
import type { Screen } from '../model/screens';
import { LabHost } from './host';
import { Panel } from './lazy';
import type { Projects } from './projects';
import { DEFAULTS, type IPreferences } from './preferences';

export class Workplace {
  constructor(
    readonly app: JupyterFrontEnd,
    readonly projects: Projects,
    readonly translation: TranslationBundle,
    private readonly renderers: IRenderMimeRegistry | null
  ) {
    projects.onChange(() => this.ring());
  }

  preferences: IPreferences = DEFAULTS;

  t = (text: string, ...args: (string | number)[]): string => this.translation.__(text, ...args);

  host(place: 'sidebar' | 'main', project: string | null): LabHost {
    return new LabHost(place, project, this.app, this.translation, this.renderers);
  }

  /** A widget that shows a screen of a project. */
  panel(screen: Screen, project: string | null): Panel {
    return new Panel({ backend: this.projects.backend(project), host: this.host('main', project), screen });
  }

  /** Hear of changes of the projects, the settings, and what is in front. */
  onChange(listener: () => void): () => void {
    return this.bell.on(listener);
  }

  ring(): void {
    this.bell.ring();
  }

  heed(settings: ISettingRegistry.ISettings): void {
    const read = () => {
      this.preferences = { ...DEFAULTS, ...(settings.composite as Partial<IPreferences>) };
      this.ring();
    };
    settings.changed.connect(read);
    read();
  }

  private readonly bell = new Bell<void>();
}

export const IWorkplace = new Token<Workplace>('jupyter-mlops:IWorkplace', 'What the plugins of jupyter-mlops share.');
