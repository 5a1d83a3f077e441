/** What our plugins share: the projects, the translator, and how a component's wishes become commands. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';
import { LabHost } from './host';
import { Panel } from './lazy';
import type { Projects } from './projects';
import { DEFAULTS, type IPreferences } from './preferences';
import type { Screen } from '../model/screens';

export class Workplace {
  constructor(
    readonly app: JupyterFrontEnd,
    readonly projects: Projects,
    readonly translation: TranslationBundle,
    private readonly renderers: IRenderMimeRegistry | null
  ) {}

  preferences: IPreferences = DEFAULTS;

  t = (text: string, ...args: (string | number)[]): string => this.translation.__(text, ...args);

  host(place: 'sidebar' | 'main', project: string | null): LabHost {
    return new LabHost(place, project, this.app, this.translation, this.renderers);
  }

  /** A widget that shows a screen of a project. */
  panel(screen: Screen, project: string | null): Panel {
    return new Panel({ backend: this.projects.backend(project), host: this.host('main', project), screen });
  }

  heed(settings: ISettingRegistry.ISettings): void {
    const read = () => void (this.preferences = { ...DEFAULTS, ...(settings.composite as Partial<IPreferences>) });
    settings.changed.connect(read);
    read();
  }
}

export const IWorkplace = new Token<Workplace>('jupyter-mlops:IWorkplace', 'What the plugins of jupyter-mlops share.');
