import { describe, expect, it } from 'vitest';
import boot from './boot';

type Listener = (content: unknown, buffers: DataView[]) => void;

function model(front: string) {
  const listeners = new Set<Listener>();
  const sent: { front: string }[] = [];
  return {
    sent,
    get: () => front,
    send: (content: unknown) => void sent.push(content as { front: string }),
    on: (_: string, listener: Listener) => void listeners.add(listener),
    off: (_: string, listener: Listener) => void listeners.delete(listener),
    say: (content: unknown) => listeners.forEach(listener => listener(content, [])),
    listeners
  };
}

describe('the boot of a panel', () => {
  it('asks the kernel for the front end once, however many panels want it', () => {
    const first = model('a');
    const second = model('a');
    boot.render({ model: first, el: document.createElement('div') });
    boot.render({ model: second, el: document.createElement('div') });
    expect(first.sent).toHaveLength(1);
    expect(second.sent).toHaveLength(0);
  });

  it('says as text why there is none, and asks again the next time', async () => {
    const refused = model('b');
    const el = document.createElement('div');
    boot.render({ model: refused, el });
    refused.say({ front: 'of somebody else', refusal: 'no' });
    refused.say(null);
    expect(el.textContent).toBe('');
    refused.say({ front: refused.sent[0].front, refusal: '<b>isn’t built</b>: npm run build' });
    await new Promise(resolve => setTimeout(resolve));
    expect(el.textContent).toContain('<b>isn’t built</b>');
    expect(el.querySelector('b')).toBeNull();
    expect(refused.listeners.size).toBe(0);
    boot.render({ model: refused, el: document.createElement('div') });
    expect(refused.sent).toHaveLength(2);
  });
});
