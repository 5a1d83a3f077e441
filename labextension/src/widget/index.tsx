/** The panel in a notebook's cell: the screens over a comm, in whatever front end shows the widget. */
import { createRoot } from 'react-dom/client';
import '../../style/index.css';
import { CellApp } from '../components/cell/CellApp';
import { surroundingOf, type IDraft } from '../model/panel/frame';
import { placeOf } from '../model/panel/trail';
import { CommBackend, type IChannel } from './backend';

/** What anywidget gives of a widget's model. */
export interface IModel {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown): void;
  on(event: string, listener: (...args: never[]) => void): void;
  off(event: string, listener: (...args: never[]) => void): void;
}

function channelOf(model: IModel): IChannel {
  const on = (event: string, listener: (...args: never[]) => void) => {
    model.on(event, listener);
    return () => model.off(event, listener);
  };
  return {
    send: content => model.send(content),
    hear: listener => on('msg:custom', (content: never) => listener(content)),
    // the manager of widgets says so when the kernel was restarted or shut down
    onGone: listener => on('comm_live_update', () => listener())
  };
}

/** A widget may be made before it is put into the page; what is around it is known only then. */
function mount(model: IModel, el: HTMLElement, tries = 50): () => void {
  if (el.isConnected || tries === 0) {
    return begin(model, el);
  }
  let end = (): void => clearTimeout(timer);
  const timer = setTimeout(() => (end = mount(model, el, tries - 1)), 20);
  return () => end();
}

function begin(model: IModel, el: HTMLElement): () => void {
  const backend = new CommBackend(channelOf(model), String(model.get('name')));
  el.classList.add('jmo-host', 'jmo-cell');
  const fade = follow(el);
  const fit = () => el.style.setProperty('--jmo-height', `${Number(model.get('height'))}px`);
  fit();
  model.on('change:height', fit);
  const root = createRoot(el);
  const set = (key: string, value: unknown): void => {
    if (JSON.stringify(model.get(key)) !== JSON.stringify(value)) {
      model.set(key, value);
      model.save_changes();
    }
  };
  const around = surroundingOf(el);
  if (around?.place) {
    model.set('view', around.place.view);
    model.set('target', around.place.target);
    model.save_changes();
  }
  const draw = (): void =>
    root.render(
      <CellApp
        backend={backend}
        place={placeOf(model.get('view'), model.get('target'))}
        draft={draftIn(model)}
        outer={around?.outer}
        take={around?.take}
        onPlace={place => {
          if (JSON.stringify([model.get('view'), model.get('target')]) !== JSON.stringify([place.view, place.target])) {
            model.set('view', place.view);
            model.set('target', place.target);
            model.save_changes();
          }
        }}
        onChosen={runs => set('chosen', runs)}
        onDraft={left => {
          set('_draft_of', left ? { workflow: left.workflow, etag: left.etag } : {});
          set('draft', left?.draft ?? '');
        }}
      />
    );
  draw();
  const heard = ['change:view', 'change:target', 'change:draft'];
  heard.forEach(event => model.on(event, draw));
  return () => {
    heard.forEach(event => model.off(event, draw));
    model.off('change:height', fit);
    fade();
    root.unmount();
    backend.dispose();
  };
}

function draftIn(model: IModel): IDraft | null {
  const draft = String(model.get('draft') ?? '');
  const { workflow = null, etag = null } = (model.get('_draft_of') ?? {}) as Partial<IDraft>;
  return draft ? { draft, workflow, etag } : null;
}

/** Outside of JupyterLab no theme variables are there: take light or dark from the page, or from the system. */
function follow(el: HTMLElement): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const look = (): void => {
    const foreign = getComputedStyle(el).getPropertyValue('--jp-layout-color1').trim() === '';
    const page = document.body.classList;
    const dark = page.contains('vscode-dark') || (!page.contains('vscode-light') && system.matches);
    el.classList.toggle('jmo-foreign', foreign || el.classList.contains('jmo-foreign'));
    el.classList.toggle('jmo-dark', el.classList.contains('jmo-foreign') && dark);
  };
  look();
  system.addEventListener('change', look);
  return () => system.removeEventListener('change', look);
}

export default { mount: (model: IModel, el: HTMLElement): (() => void) => mount(model, el) };
