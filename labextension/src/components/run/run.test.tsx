import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { IRunDetail, IStepLine } from '../../model/contract';
import { memoryHost, MemoryBackend } from '../../testing/backend';
import { runDetail, runRow } from '../../testing/runs';
import { Provide } from '../surroundings';
import { RunScreen } from './RunScreen';

function shownWith(run: IRunDetail, answers: ConstructorParameters<typeof MemoryBackend>[0] = {}) {
  const backend = new MemoryBackend({ 'runs.get': () => run, ...answers });
  const host = memoryHost();
  render(
    <Provide backend={backend} host={host}>
      <RunScreen run={run.id} />
    </Provide>
  );
  return { backend, host, user: userEvent.setup() };
}

const step = (name: string, more: Partial<IStepLine> = {}): IStepLine => ({
  ...{ name, state: 'pending', reason: '', run: null, function: 'train', started: null, ended: null, seconds: null },
  ...{ results: {}, params: {}, items: null, progress: null, error: null, best: false },
  ...more
});

describe('a run', () => {
  it('says first why it failed, as text', async () => {
    const error = {
      ename: 'ValueError',
      evalue: '<img src=x onerror=alert(1)>',
      cell: 3,
      line: 2,
      traceback: ['\u001b[31mboom\u001b[0m']
    };
    shownWith(runDetail('1', { state: 'error', error }));
    const failure = within(await screen.findByRole('region', { name: 'Why it failed' }));
    expect(failure.getByText('<img src=x onerror=alert(1)>')).toBeTruthy();
    expect(failure.getByText('cell 4, line 2')).toBeTruthy();
    expect(failure.getByText('boom')).toBeTruthy();
    expect(document.querySelector('img')).toBeNull();
  });

  it('shows results, params, and links to what it read and made', async () => {
    const { user, host } = shownWith(
      runDetail('1', {
        results: { accuracy: 0.91654 },
        params: { depth: 3 },
        inputs: [{ name: 'data', uri: 'store://x', hash: null, artifact: 'u1', key: 'clean', kind: 'dataset' }]
      })
    );
    expect((await screen.findByText('accuracy')).nextSibling?.textContent).toBe('0.91654');
    await user.click(screen.getByRole('button', { name: 'clean' }));
    expect(host.asked.at(-1)).toEqual(['openArtifact', 'u1']);
  });

  it('goes on before one’s eyes, and can be aborted until it is over', async () => {
    const { backend, user } = shownWith(runDetail('1', { state: 'running', ended: null }), { 'runs.abort': { run: '1' } });
    await user.click(await screen.findByRole('button', { name: 'Abort' }));
    expect(backend.of('runs.abort')).toEqual([{ run: '1' }]);
    expect(backend.followed).toContain('1');
    act(() => backend.happen({ type: 'run', run: runRow('1', { state: 'completed', results: { accuracy: 0.5 } }) }));
    expect(screen.getByText('Completed')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Re-run' })).toBeTruthy();
  });

  it('is aborted once, however often one clicks while the server takes its time', async () => {
    let done: (answer: { run: string }) => void = () => undefined;
    const { backend, user } = shownWith(runDetail('1', { state: 'pending', started: null, ended: null }), {
      'runs.abort': () => new Promise(resolve => (done = resolve))
    });
    const button = await screen.findByRole<HTMLButtonElement>('button', { name: 'Abort' });
    await user.click(button);
    await user.click(button);
    expect(button.disabled).toBe(true);
    expect(backend.of('runs.abort')).toHaveLength(1);
    await act(async () => done({ run: '1' }));
    expect(button.disabled).toBe(false);
  });

  it('tells the states of its steps as they change', async () => {
    const { backend, user, host } = shownWith(
      runDetail('1', { function: null, workflow: 'nightly', steps: [step('load'), step('train')] })
    );
    const table = within(await screen.findByRole('table'));
    expect(table.getAllByText('Pending')).toHaveLength(2);
    act(() =>
      backend.happen({ type: 'step', run: '1', step: step('load', { state: 'error', run: 'r2', error: 'KeyError: x' }) })
    );
    expect(table.getByText('KeyError: x')).toBeTruthy();
    await user.click(table.getByRole('button', { name: 'load' }));
    expect(host.asked.at(-1)).toEqual(['openRun', 'r2']);
  });

  it('says when the metrics of only some of its iterations are drawn', async () => {
    const steps = Array.from({ length: 60 }, (_, at) => step(String(at + 1), { run: `r${at + 1}` }));
    const { user, backend } = shownWith(runDetail('1', { steps }), { 'runs.metrics': { series: [] } });
    await user.click(await screen.findByRole('tab', { name: /^Metrics/ }));
    expect(await screen.findByText(/^Only the first 50 of 60/, undefined, { timeout: 5000 })).toBeTruthy();
    expect(backend.of('runs.metrics')[0].runs).toHaveLength(50);
  });

  it('leads to the run whose outputs it has', async () => {
    const reason = 'as in 20261129-202654-6h640ys4';
    const cached = runDetail('1', { state: 'cached', reason, steps: [step('load', { state: 'cached', reason })] });
    const { user, host } = shownWith(cached);
    await screen.findByText(/^Why:/);
    for (const link of screen.getAllByRole('button', { name: '6h640ys4' })) {
      await user.click(link);
      expect(host.asked.pop()).toEqual(['openRun', '20261129-202654-6h640ys4']);
    }
    expect(screen.getAllByRole('button', { name: '6h640ys4' })).toHaveLength(2);
  });

  it('offers its values for a re-run with changes', async () => {
    const { user, host } = shownWith(runDetail('1', { values: { depth: 3 } }));
    await user.click(await screen.findByRole('button', { name: 'More' }));
    await user.click(screen.getByRole('menuitem', { name: 'Re-run with changes…' }));
    await waitFor(() =>
      expect(host.asked.at(-1)).toEqual(['openForm', 'train', { params: { depth: 3 }, inputs: {}, rerun: '1' }])
    );
  });

  it('takes tags where they stand', async () => {
    const { user, backend } = shownWith(runDetail('1', { tags: { stage: 'test' } }), {
      'runs.tag': ({ tags }) => ({ tags: { stage: 'test', ...(tags as Record<string, string>) } })
    });
    await user.click(await screen.findByRole('button', { name: 'Tag' }));
    await user.type(screen.getByLabelText('A tag as name=value'), 'owner=ann{Enter}');
    expect(await screen.findByText('owner=ann')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Take the tag stage away' }));
    expect(backend.of('runs.tag')).toEqual([
      { run: '1', tags: { owner: 'ann' } },
      { run: '1', tags: { stage: null } }
    ]);
  });

  it('asks for what a tab needs only when it is shown', async () => {
    const { user, backend } = shownWith(runDetail('1'), {
      'runs.diff': { from: 'aaaaaaaaaaaa', to: 'bbbbbbbbbbbb', lines: ['@@ -1 +1 @@', '-a = 1', '+a = 2'] }
    });
    await screen.findByRole('tab', { name: 'Code' });
    expect(backend.of('runs.diff')).toHaveLength(0);
    await user.click(screen.getByRole('tab', { name: 'Code' }));
    expect((await screen.findByText('a = 2')).closest('div')?.className).toContain('added');
  });

  it('has tabs that End and Home lead through', async () => {
    const { user } = shownWith(runDetail('1'));
    (await screen.findByRole('tab', { name: 'Overview' })).focus();
    await user.keyboard('{End}');
    expect(screen.getByRole('tab', { selected: true }).textContent).toBe('Lineage');
    await user.keyboard('{Home}');
    expect(screen.getByRole('tab', { selected: true }).textContent).toBe('Overview');
  });

  it('finds packages', async () => {
    const { user } = shownWith(runDetail('1', { environment: { python: '3.12', packages: ['numpy==2.0', 'pandas==2.2'] } }));
    await user.click(await screen.findByRole('tab', { name: 'Environment' }));
    await user.type(screen.getByRole('searchbox'), 'pan');
    expect(screen.getByText('pandas')).toBeTruthy();
    expect(screen.queryByText('numpy')).toBeNull();
  });

  it('that was deleted says so, and leads on', async () => {
    const { backend, host, user } = shownWith(runDetail('1'));
    await screen.findByRole('tab', { name: 'Code' });
    act(() => backend.happen({ type: 'removed', run: '1' }));
    await user.click(screen.getByRole('button', { name: 'Open runs' }));
    expect(host.asked.at(-1)?.[0]).toBe('openRuns');
  });
});
