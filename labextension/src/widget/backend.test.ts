import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Event } from '../model/contract';
import { Refusal, Unreachable } from '../model/backend';
import { CommBackend, type IChannel } from './backend';

/** A comm whose other end is this test. */
class Wire implements IChannel {
  readonly sent: Record<string, unknown>[] = [];
  broken = false;
  private listener: (content: unknown) => void = () => undefined;
  private gone: () => void = () => undefined;

  send(content: unknown): void {
    if (this.broken) {
      throw new Error('Cannot send');
    }
    this.sent.push(content as Record<string, unknown>);
  }
  hear(listener: (content: unknown) => void): () => void {
    this.listener = listener;
    return () => (this.listener = () => undefined);
  }
  onGone(listener: () => void): () => void {
    this.gone = listener;
    return () => undefined;
  }
  say(content: unknown): void {
    this.listener(content);
  }
  end(): void {
    this.gone();
  }
  /** Answer the sign of life that came last. */
  nod(fresh = false): void {
    this.say({ heard: this.last.client, fresh });
  }
  get last(): Record<string, unknown> {
    return this.sent.filter(message => 'client' in message).at(-1) ?? {};
  }
  get questions(): { id: number; operation: string }[] {
    return this.sent.filter(message => 'operation' in message) as never;
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function connected() {
  const wire = new Wire();
  const backend = new CommBackend(wire, 'churn');
  wire.nod();
  return { wire, backend };
}

describe('questions over a comm', () => {
  it('get their own answers, in whatever order', async () => {
    const { wire, backend } = connected();
    const first = backend.call('runs.get', { run: 'a' });
    const second = backend.call('runs.get', { run: 'b' });
    const [a, b] = wire.questions;
    wire.say({ id: b.id, answer: { id: 'b' } });
    wire.say({ id: a.id, answer: { id: 'a' } });
    expect(await first).toEqual({ id: 'a' });
    expect(await second).toEqual({ id: 'b' });
  });

  it('are refused with the reason', async () => {
    const { wire, backend } = connected();
    const asked = backend.call('runs.get', { run: 'a' });
    wire.say({ id: wire.questions[0].id, refusal: { message: 'gone', kind: 'RunNotFoundError', status: 404 } });
    await expect(asked).rejects.toBeInstanceOf(Refusal);
    await expect(asked).rejects.toMatchObject({ status: 404, message: 'gone' });
  });

  it('don’t wait for ever', async () => {
    const { backend } = connected();
    const asked = backend.call('runs.get', { run: 'a' });
    const told = expect(asked).rejects.toBeInstanceOf(Unreachable);
    await vi.advanceTimersByTimeAsync(31_000);
    await told;
  });

  it('of other views, and nonsense, are left alone', async () => {
    const { wire, backend } = connected();
    const asked = backend.call('runs.get', { run: 'a' });
    for (const odd of [null, 7, 'x', [], {}, { id: 1, answer: 1 }, { id: 'x', answer: 1 }, { heard: 'other' }, { events: 'x' }]) {
      wire.say(odd);
    }
    wire.say({ id: wire.questions[0].id, answer: 'mine' });
    expect(await asked).toBe('mine');
  });
});

describe('what happens', () => {
  it('is asked for while somebody watches, with the runs that are followed', async () => {
    const { wire, backend } = connected();
    const heard: Event[] = [];
    const off = backend.watch(event => heard.push(event));
    const unfollow = backend.follow('r1');
    const again = backend.follow('r1');
    await vi.advanceTimersByTimeAsync(0);
    expect(wire.last).toMatchObject({ watching: true, follow: ['r1'] });
    wire.say({ events: [{ type: 'removed', run: 'x' }] });
    expect(heard).toEqual([{ type: 'removed', run: 'x' }]);
    unfollow();
    await vi.advanceTimersByTimeAsync(0);
    expect(wire.last).toMatchObject({ follow: ['r1'] });
    again();
    off();
    await vi.advanceTimersByTimeAsync(0);
    expect(wire.last).toMatchObject({ watching: false, follow: [] });
  });

  it('is asked for again and again, as a sign of life', async () => {
    const { wire } = connected();
    const before = wire.sent.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(wire.sent.length).toBe(before + 1);
  });
});

describe('the connection', () => {
  it('is lost while the kernel is silent, and comes back by itself', async () => {
    const { wire, backend } = connected();
    const states: string[] = [];
    backend.onConnection(state => states.push(state));
    await vi.advanceTimersByTimeAsync(17_000);
    expect(backend.connection).toBe('lost');
    expect(backend.outage).toContain('busy');
    await vi.advanceTimersByTimeAsync(4_000);
    wire.nod();
    expect(states).toEqual(['lost', 'connected']);
  });

  it('says when something may have been missed', async () => {
    const { wire, backend } = connected();
    const states: string[] = [];
    backend.onConnection(state => states.push(state));
    wire.nod(true);
    expect(states).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    wire.nod(true);
    expect(states).toEqual(['connected']);
  });

  it('ends with the kernel: what waits is told, and nothing more is sent', async () => {
    const { wire, backend } = connected();
    const asked = backend.call('runs.get', { run: 'a' });
    const told = expect(asked).rejects.toThrow('run the cell again');
    wire.end();
    await told;
    const sent = wire.sent.length;
    await expect(backend.call('runs.get', { run: 'a' })).rejects.toBeInstanceOf(Unreachable);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wire.sent.length).toBe(sent);
    expect(backend.outage).toBe('The kernel is gone: run the cell again.');
  });

  it('ends when nothing can be sent any more', async () => {
    const { wire, backend } = connected();
    wire.broken = true;
    await expect(backend.call('runs.get', { run: 'a' })).rejects.toBeInstanceOf(Unreachable);
    expect(backend.connection).toBe('lost');
  });

  it('says good-bye when the view is closed', async () => {
    const { wire, backend } = connected();
    backend.watch(() => undefined);
    const asked = expect(backend.call('runs.get', { run: 'a' })).rejects.toBeInstanceOf(Unreachable);
    backend.dispose();
    expect(wire.last).toMatchObject({ watching: false, follow: [] });
    await asked;
    const sent = wire.sent.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wire.sent.length).toBe(sent);
  });
});
