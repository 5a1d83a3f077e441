/** The extension of JupyterLab: one plugin that others build upon, and one for each part of Lab that we fit into. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IDefaultFileBrowser, IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addBeginning } from './beginning';
import { addDocuments } from './documents';
import { Endings } from './ending';
import { addFiles } from './files';
import { addFinding } from './finding';
import { teachLanguageServers } from './lsp';
import { addOutputs } from './mime';
import { addNotebooks } from './notebooks';
import { addOpening } from './opening';
import { Projects } from './projects';
import { Side } from './side';
import { addStatus } from './status';
import { Tabs } from './tabs';
import { IWorkplace, Workplace } from './workplace';

const main: JupyterFrontEndPlugin<Workplace> = {
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
    void settings?.load(main.id).then(loaded => place.heed(loaded), console.error);
    const side = new Side(place, restorer, state);
    const tabs = new Tabs(place, restorer);
    addOpening(place, { tabs, openForm: side.openForm, showSidebar: side.show });
    addDocuments(place, restorer);
    new Endings(place);
    void app.restored.then(() => projects.refresh());
    return place;
  }
};

const beginning: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:beginning',
  description: 'New projects and workflows; entries of the palette and the launcher.',
  autoStart: true,
  requires: [IWorkplace, IDocumentManager],
  optional: [IDefaultFileBrowser, ICommandPalette, ILauncher],
  activate: (
    _: JupyterFrontEnd,
    place: Workplace,
    documents: IDocumentManager,
    browser: IDefaultFileBrowser | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null
  ) => {
    addBeginning(place, documents, browser);
    addFinding(place, palette, launcher);
  }
};

const notebooks: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:notebooks',
  description: 'Makes a Function of a notebook’s cell.',
  autoStart: true,
  requires: [IWorkplace, INotebookTracker],
  activate: (_: JupyterFrontEnd, place: Workplace, tracker: INotebookTracker) => addNotebooks(place, tracker)
};

const files: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:files',
  description: 'Runs notebooks of the file browser, and adds them to workflows.',
  autoStart: true,
  requires: [IWorkplace, IFileBrowserFactory],
  activate: (_: JupyterFrontEnd, place: Workplace, browsers: IFileBrowserFactory) => addFiles(place, browsers)
};

const status: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:status',
  description: 'Shows in the status bar how many runs go on.',
  autoStart: true,
  requires: [IWorkplace],
  optional: [IStatusBar], // Notebook 7 has none
  activate: (_: JupyterFrontEnd, place: Workplace, bar: IStatusBar | null) => void (bar && addStatus(place, bar))
};

const outputs: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:outputs',
  description: 'Shows panels in notebooks, with a kernel and without.',
  autoStart: true,
  requires: [IWorkplace, IRenderMimeRegistry],
  optional: [INotebookTracker],
  activate: (_: JupyterFrontEnd, place: Workplace, renderers: IRenderMimeRegistry, tracker: INotebookTracker | null) =>
    addOutputs(place, renderers, tracker)
};

const languageServers: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:lsp',
  description: 'Lets language servers see the Python in %%mlfunction cells.',
  autoStart: true,
  activate: (app: JupyterFrontEnd) => void app.restored.then(() => teachLanguageServers(app)).catch(console.error)
};

export default [main, beginning, notebooks, files, status, outputs, languageServers] as JupyterFrontEndPlugin<unknown>[];
