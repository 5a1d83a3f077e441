import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Suspense } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MemoryBackend, memoryHost } from '../../testing/backend';
import { Provide } from '../surroundings';
import { fetched } from './fetched';

/** A component whose code comes once the server is there. */
function part() {
  const server = { gone: true };
  const Part = fetched<{ name: string }>(async () => {
    if (server.gone) {
      throw new Error('Loading chunk 7 failed.');
    }
    return { default: ({ name }) => <p>part of {name}</p> };
  });
  const backend = new MemoryBackend();
  render(
    <Provide backend={backend} host={memoryHost()}>
      <Suspense fallback="coming">
        <Part name="churn" />
      </Suspense>
    </Provide>
  );
  return { server, backend };
}

describe('code that doesn’t come', () => {
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => undefined); // React tells of each error it hands on
  afterEach(() => quiet.mockClear());

  it('is said, and comes by itself when the server is there again', async () => {
    const { server, backend } = part();
    expect((await screen.findByRole('alert')).textContent).toContain('couldn’t be fetched');
    server.gone = false;
    act(() => backend.turn('connected'));
    expect(await screen.findByText('part of churn')).toBeTruthy();
  });

  it('comes when it is asked for again', async () => {
    const { server } = part();
    server.gone = false;
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('part of churn')).toBeTruthy();
  });
});
