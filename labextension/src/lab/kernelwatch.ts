/** The kernel of the notebook that an output stands in: whether it knows the output's widget, and when that is worth asking again. */
import type { NotebookPanel } from '@jupyterlab/notebook';

const GONE = new Set(['dead', 'restarting', 'autorestarting', 'terminating', 'unknown']);

export class KernelWatch {
  panel: NotebookPanel | null = null;

  constructor(private readonly changed: () => void) {}

  /** Watch the kernel of another notebook, or of none. */
  listen(panel: NotebookPanel | null): void {
    const before = this.panel?.sessionContext;
    before?.statusChanged.disconnect(this.look, this);
    before?.connectionStatusChanged.disconnect(this.look, this);
    before?.kernelChanged.disconnect(this.look, this);
    this.panel = panel;
    const now = panel?.sessionContext;
    now?.statusChanged.connect(this.look, this);
    now?.connectionStatusChanged.connect(this.look, this);
    now?.kernelChanged.connect(this.look, this);
  }

  async knows(model: string | undefined): Promise<boolean> {
    const kernel = this.kernel;
    if (!model || !kernel || kernel.connectionStatus !== 'connected' || GONE.has(kernel.status)) {
      return false;
    }
    try {
      const { content } = await kernel.requestCommInfo({ target_name: 'jupyter.widget' });
      return content.status === 'ok' && model in content.comms;
    } catch {
      return false;
    }
  }

  private get kernel() {
    return this.panel?.sessionContext.session?.kernel;
  }

  /** A kernel that comes or goes is worth another look; one that is just busy or idle isn't. */
  private look(): void {
    const { kernel } = this;
    const state = kernel ? `${kernel.id} ${kernel.connectionStatus} ${GONE.has(kernel.status)}` : '';
    if (state !== this.state) {
      this.state = state;
      this.changed();
    }
  }

  private state = '';
}
