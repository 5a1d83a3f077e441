/**
 * The only module that each panel brings along: it fetches the front end itself from the kernel, once for all panels of a page.
 * So neither a comm's opening message nor a saved widget state carries half a megabyte of it.
 */
interface IModel {
  get(key: string): unknown;
  send(content: unknown): void;
  on(event: 'msg:custom', listener: (content: unknown, buffers: DataView[]) => void): void;
  off(event: 'msg:custom', listener: (content: unknown, buffers: DataView[]) => void): void;
}

interface IFront {
  mount(model: IModel, el: HTMLElement): () => void;
}

interface IFetched {
  front: IFront;
  css: string;
}

const PATIENCE = 2500;
const AGAIN = 15000;

const page = globalThis as typeof globalThis & { __jupyterMlops?: Map<string, Promise<IFetched>> };

function fetched(model: IModel): Promise<IFetched> {
  const fronts = (page.__jupyterMlops ??= new Map<string, Promise<IFetched>>());
  const key = String(model.get('_front'));
  const known = fronts.get(key) ?? fetchFront(model);
  fronts.set(key, known);
  known.catch(() => fronts.delete(key));
  return known;
}

function fetchFront(model: IModel): Promise<IFetched> {
  const id = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  return new Promise((resolve, reject) => {
    const ask = () => model.send({ front: id });
    // a kernel that is busy answers late; a comm that was just made may lose the first word
    const timer = setInterval(ask, AGAIN);
    const hear = (content: unknown, buffers: DataView[]): void => {
      const said = content as { front?: string; refusal?: string };
      if (said?.front !== id) {
        return;
      }
      clearInterval(timer);
      model.off('msg:custom', hear);
      if (said.refusal) {
        reject(new Error(said.refusal));
        return;
      }
      const [js, css] = buffers.map(part => new Blob([part as DataView<ArrayBuffer>], { type: 'text/javascript' }));
      const address = URL.createObjectURL(js);
      Promise.all([import(/* webpackIgnore: true */ address) as Promise<{ default: IFront }>, css.text()])
        .then(([module, text]) => resolve({ front: module.default, css: text }), reject)
        .finally(() => URL.revokeObjectURL(address));
    };
    model.on('msg:custom', hear);
    ask();
  });
}

/** A panel may stand in a shadow root, which the page's styles don't reach. */
function dress(el: HTMLElement, key: string, css: string): void {
  const root = el.getRootNode();
  const place = root instanceof ShadowRoot ? root : document.head;
  if (!place.querySelector(`style[data-jmo="${key}"]`)) {
    const style = document.createElement('style');
    style.dataset.jmo = key;
    style.textContent = css;
    place.append(style);
  }
}

function render({ model, el }: { model: IModel; el: HTMLElement }): () => void {
  const note = document.createElement('div');
  note.setAttribute('role', 'status');
  note.style.cssText = 'padding: 8px 12px; color: var(--jp-ui-font-color2, gray)';
  el.append(note);
  const patience = setTimeout(() => {
    note.textContent = 'Waiting for the kernel… If it was restarted, run the cell again.';
  }, PATIENCE);
  let unmount: (() => void) | null = null;
  let gone = false;
  fetched(model).then(
    ({ front, css }) => {
      clearTimeout(patience);
      if (!gone) {
        note.remove();
        dress(el, String(model.get('_front')), css);
        unmount = front.mount(model, el);
      }
    },
    (error: Error) => {
      clearTimeout(patience);
      note.textContent = `The panel can’t be shown. ${error.message}`;
    }
  );
  return () => {
    gone = true;
    clearTimeout(patience);
    unmount?.();
  };
}

export default { render };
