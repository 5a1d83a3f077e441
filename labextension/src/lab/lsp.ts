/** With jupyterlab-lsp, language servers see the body of `%%mlfunction` and `%%mlrun` cells as the Python that it is. */
import type { JupyterFrontEnd } from '@jupyterlab/application';

export const PACKAGE = '@jupyter-lsp/jupyterlab-lsp';

export async function teachLanguageServers(app: JupyterFrontEnd): Promise<void> {
  if (app.hasPlugin(`${PACKAGE}:ILSPCodeOverridesManager`)) {
    const { register } = await import('./override');
    await register(app);
  }
}
