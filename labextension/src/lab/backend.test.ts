import { ServerConnection } from '@jupyterlab/services';
import { describe, expect, it } from 'vitest';
import { ServerBackend } from './backend';

class Line {
  static last: Line;
  readonly readyState = 0;
  onmessage: (message: { data: string }) => void = () => undefined;
  constructor() {
    Line.last = this;
  }
  close(): void {}
}

/** A backend whose server answers with how often it was asked. */
function counted() {
  let asked = 0;
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://lab/',
    fetch: async () => new Response(JSON.stringify({ functions: [], asked: ++asked })),
    WebSocket: Line as never
  });
  const backend = new ServerBackend(settings, 'churn');
  return { backend, ask: async () => ((await backend.call('functions.list', {})) as unknown as { asked: number }).asked };
}

describe('what is asked ahead', () => {
  it('is answered without another question, once', async () => {
    const { backend, ask } = counted();
    backend.ahead('functions.list', {});
    expect([await ask(), await ask()]).toEqual([1, 2]);
  });

  it('is asked anew when something has happened since', async () => {
    const { backend, ask } = counted();
    backend.watch(() => undefined);
    backend.ahead('functions.list', {});
    Line.last.onmessage({ data: '[]' });
    expect(await ask()).toBe(2);
  });

  it('is of no use for another question', async () => {
    const { backend, ask } = counted();
    backend.ahead('workflows.list', {});
    expect(await ask()).toBe(2);
  });
});
