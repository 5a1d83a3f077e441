import { ServerConnection } from '@jupyterlab/services';
import { describe, expect, it, vi } from 'vitest';
import { ServerBackend } from './backend';

class Line {
  static last: Line;
  readonly readyState = 0;
  static made = 0;
  onmessage: (message: { data: string }) => void = () => undefined;
  onopen: () => void = () => undefined;
  onclose: () => void = () => undefined;
  constructor() {
    Line.last = this;
    Line.made += 1;
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

describe('a line that is refused', () => {
  it('says why, and takes it back when it is open', async () => {
    let answer = { status: 404, body: { message: 'no project there', kind: 'ProjectNotFoundError', status: 404 } as unknown };
    const settings = ServerConnection.makeSettings({
      baseUrl: 'http://lab/',
      fetch: async () => new Response(JSON.stringify(answer.body), { status: answer.status }),
      WebSocket: Line as never
    });
    const backend = new ServerBackend(settings, 'churn');
    const heard: [string, string | null][] = [];
    backend.onConnection(state => heard.push([state, backend.outage]));
    const off = backend.watch(() => undefined);
    Line.last.onclose();
    await vi.waitFor(() => expect(heard).toEqual([['lost', 'no project there']]));
    await vi.waitFor(() => expect(Line.made).toBeGreaterThan(1)); // it tries again by itself
    answer = { status: 200, body: {} };
    Line.last.onopen();
    expect(heard.at(-1)).toEqual(['connected', null]);
    off();
  });
});

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
