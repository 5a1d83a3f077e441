/** Workflows as documents of Lab: `workflows/NAME.yaml` below a project opens in the workflow editor. */
import type { ILayoutRestorer } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import { ABCWidgetFactory, DocumentWidget, type DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import { MessageLoop } from '@lumino/messaging';
import { FACTORY } from './commands';
import { ContextFile } from './contextfile';
import { takeNotebooks } from './files';
import { mlopsIcon } from './icon';
import type { Panel } from './lazy';
import { askBeforeClosing } from './closing';
import { OutsideChanges } from './outside';
import { asWorkflow } from './paths';
import type { Workplace } from './workplace';

const FILE_TYPE = 'jupyter-mlops-workflow';

export type WorkflowDocument = DocumentWidget<Panel>;

class WorkflowFactory extends ABCWidgetFactory<WorkflowDocument> {
  constructor(
    private readonly place: Workplace,
    options: DocumentRegistry.IWidgetFactoryOptions<WorkflowDocument>
  ) {
    super(options);
  }

  protected createNewWidget(context: DocumentRegistry.Context): WorkflowDocument {
    const file = new ContextFile(context);
    const project = () => asWorkflow(context.path)?.project ?? this.place.projects.chosen;
    const content = this.place.panel({ view: 'workflow', name: file.name, file }, project());
    const widget = new DocumentWidget({ content, context });
    widget.toolbar.hide();
    takeNotebooks(widget);
    widget.title.icon = mlopsIcon;
    askBeforeClosing(this.place, widget, file);
    MessageLoop.installMessageHook(content, (_, { type }) => (type === 'activate-request' && enter(content.node), true));
    const outside = new OutsideChanges(this.place, widget, this.place.projects.backend(project()));
    context.pathChanged.connect(() => {
      const backend = this.place.projects.backend(project());
      outside.listen(backend);
      content.exchange({
        backend,
        host: this.place.host('main', project()),
        screen: { view: 'workflow', name: file.name, file }
      });
    });
    widget.disposed.connect(() => {
      outside.dispose();
      file.dispose();
    });
    return widget;
  }
}

/** The tab got the focus as a whole: what keys are for takes it. */
function enter(node: HTMLElement): void {
  if (node === document.activeElement) {
    (node.querySelector<HTMLElement>('.jmo-node.jmo-selected') ?? node.querySelector<HTMLElement>('.jmo-canvas'))?.focus({
      preventScroll: true
    });
  }
}

export function addDocuments(place: Workplace, restorer: ILayoutRestorer | null): void {
  const registry = place.app.docRegistry;
  registry.addFileType({
    name: FILE_TYPE,
    displayName: place.t('Workflow'),
    extensions: [],
    mimeTypes: ['text/yaml'],
    icon: mlopsIcon,
    contentType: 'file',
    fileFormat: 'text'
  });
  const factory = new WorkflowFactory(place, {
    name: FACTORY,
    label: place.t(FACTORY),
    modelName: 'text',
    fileTypes: [FILE_TYPE]
  });
  registry.addWidgetFactory(factory);
  const tracker = new WidgetTracker<WorkflowDocument>({ namespace: 'jupyter-mlops-workflow' });
  factory.widgetCreated.connect((_, widget) => {
    void tracker.add(widget);
    widget.context.pathChanged.connect(() => void tracker.save(widget));
  });
  void restorer?.restore(tracker, {
    command: 'docmanager:open',
    args: widget => ({ path: widget.context.path, factory: FACTORY }),
    name: widget => widget.context.path
  });
  chooseByFolder(place, registry, factory);
}

/**
 * The registry knows files by their names only, and any YAML may be called `nightly.yaml`: for those in the folder
 * `workflows` of a project, our editor comes first, with the others still under "Open with".
 */
function chooseByFolder(place: Workplace, registry: DocumentRegistry, factory: WorkflowFactory): void {
  const preferred = registry.preferredWidgetFactories.bind(registry);
  registry.preferredWidgetFactories = (path: string) => {
    const workflow = asWorkflow(path);
    const others = preferred(path).filter(other => other.name !== FACTORY);
    if (!workflow) {
      return others;
    }
    const known = place.projects.list === null || place.projects.find(workflow.project) !== null;
    return known ? [factory, ...others] : [...others, factory];
  };
  const typed = registry.getFileTypeForModel.bind(registry);
  registry.getFileTypeForModel = (model: Partial<Contents.IModel>) => {
    const workflow = model.type === 'file' && asWorkflow(model.path ?? '');
    return (workflow && place.projects.find(workflow.project) && registry.getFileType(FILE_TYPE)) || typed(model);
  };
}
