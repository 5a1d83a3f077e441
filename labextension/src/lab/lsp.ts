/**
 * With jupyterlab-lsp, language servers see the body of `%%mlfunction` and `%%mlrun` cells as the Python that it is.
 *
 * Its token can't be imported, as it may not be installed, and a shared module that is missing would keep all of ours from
 * loading. So it is taken from the plugins that jupyterlab-lsp brings along.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Token } from '@lumino/coreutils';
import { OVERRIDE, type IOverride } from './override';

const PACKAGE = '@jupyter-lsp/jupyterlab-lsp';
const PROVIDER = `${PACKAGE}:ILSPCodeOverridesManager`;

interface IOverrides {
  registry: Record<string, { cell: IOverride[] } | undefined>;
  register(override: IOverride, language: string): void;
}

interface IContainer {
  get(module: string): Promise<() => { default: unknown }>;
}

export async function teachLanguageServers(app: JupyterFrontEnd): Promise<void> {
  if (!app.hasPlugin(PROVIDER)) {
    return;
  }
  const { _JUPYTERLAB: containers } = window as { _JUPYTERLAB?: Record<string, IContainer | undefined> };
  const extension = await containers?.[PACKAGE]?.get('./extension');
  const plugins = [extension?.().default].flat() as ({ id?: string; provides?: Token<IOverrides> } | undefined)[];
  const token = plugins.find(plugin => plugin?.id === PROVIDER)?.provides;
  const overrides = token && (await app.resolveOptionalService(token));
  if (overrides) {
    overrides.register(OVERRIDE, 'python');
    const cells = overrides.registry.python?.cell;
    cells?.unshift(...cells.splice(cells.indexOf(OVERRIDE), 1)); // the first that fits counts, and one fits all magics
  }
}
