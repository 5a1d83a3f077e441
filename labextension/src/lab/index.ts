/** The extension of JupyterLab. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addDocuments } from './documents';
import { addOpening } from './opening';
import { Projects } from './projects';
import { Side } from './side';
import { Tabs } from './tabs';
import { IWorkplace, Workplace } from './workplace';

const plugin: JupyterFrontEndPlugin<Workplace> = {
  id: 'jupyter-mlops:plugin',
  description: 'Projects, Functions, Workflows, Runs and Artifacts.',
  autoStart: true,
  provides: IWorkplace,
  optional: [ILayoutRestorer, IRenderMimeRegistry, ISettingRegistry, IStateDB, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    restorer: ILayoutRestorer | null,
    renderers: IRenderMimeRegistry | null,
    settings: ISettingRegistry | null,
    state: IStateDB | null,
    translator: ITranslator | null
  ) => {
    const translation = (translator ?? nullTranslator).load('jupyter_mlops');
    const projects = new Projects(app.serviceManager.serverSettings, state);
    const place = new Workplace(app, projects, translation, renderers);
    void settings?.load(plugin.id).then(loaded => place.heed(loaded), console.error);
    const side = new Side(place, restorer, state);
    const tabs = new Tabs(place, restorer);
    addOpening(place, { tabs, openForm: side.openForm, showSidebar: side.show });
    addDocuments(place, restorer);
    void app.restored.then(() => projects.refresh());
    return place;
  }
};

export default plugin;
