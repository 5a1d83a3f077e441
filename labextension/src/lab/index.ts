/** The extension of JupyterLab. */
import { type JupyterFrontEnd, type JupyterFrontEndPlugin, ILayoutRestorer } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ServerBackend } from './backend';
import { LabHost } from './host';
import { mlopsIcon } from './icon';
import { Panel } from './lazy';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:plugin',
  description: 'Projects, Functions, Workflows, Runs and Artifacts.',
  autoStart: true,
  optional: [ILayoutRestorer, IRenderMimeRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    restorer: ILayoutRestorer | null,
    renderers: IRenderMimeRegistry | null,
    translator: ITranslator | null
  ) => {
    const translation = (translator ?? nullTranslator).load('jupyter_mlops');
    const host = new LabHost('sidebar', app, translation, renderers);
    const backend = new ServerBackend(app.serviceManager.serverSettings, '');
    const sidebar = new Panel({ backend, host, screen: { view: 'sidebar' } });
    sidebar.id = 'jupyter-mlops-sidebar';
    sidebar.title.icon = mlopsIcon;
    sidebar.title.caption = translation.__('MLOps');
    app.shell.add(sidebar, 'left', { rank: 150 });
    restorer?.add(sidebar, sidebar.id);
  }
};

export default plugin;
