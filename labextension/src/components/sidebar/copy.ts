import type { IHost } from '../../model/host';

/** Copy text; where the browser doesn't let us (no https), say what it is. */
export async function copy(text: string, host: IHost): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    host.notify(host.t('Copied'));
  } catch {
    host.notify(text);
  }
}
