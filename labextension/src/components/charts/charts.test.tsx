import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import type { ReactNode } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import { Linked } from '../../model/charts/linked';
import type { IChartSeries } from '../../model/charts/series';
import { MemoryBackend, memoryHost } from '../../testing/backend';
import { withCanvas } from '../../testing/canvas';
import { Provide } from '../surroundings';
import { ChartGrid, MetricChart, Sparkline } from '.';

let canvas: ReturnType<typeof withCanvas>;
const all = () => canvas.strokes('.jmo-layer:not(.jmo-layer-front)');
const front = () => canvas.strokes('.jmo-layer-front');
beforeEach(() => {
  canvas = withCanvas();
});

const curve = (run: string, key: string, values: (number | null)[]): IChartSeries => ({
  run,
  key,
  name: `run ${run}`,
  color: run === 'a' ? 'rgb(1, 0, 0)' : 'rgb(0, 0, 2)',
  points: values.map((value, step) => [step, value, 100 + step]),
  total: values.length
});
const ALL = [curve('a', 'loss', [3, 2, 1]), curve('b', 'loss', [6, 5, 4])];

function shown(content: ReactNode, backend = new MemoryBackend()) {
  const host = memoryHost();
  const tree = (inside: ReactNode) => (
    <Provide backend={backend} host={host}>
      {inside}
    </Provide>
  );
  const view = render(tree(content));
  return { backend, host, ...view, again: (next: ReactNode) => view.rerender(tree(next)) };
}

const settled = () => act(() => new Promise<void>(resolve => requestAnimationFrame(() => resolve())));
const curves = () => screen.getByRole('slider', { name: 'loss, crosshair' });
const drawnColors = () => all().map(({ color }) => color);

describe('a chart', () => {
  it('draws a line for each series, in its colour', async () => {
    shown(<MetricChart title="loss" series={ALL} height={200} />);
    await settled();
    expect(new Set(drawnColors())).toEqual(new Set(['rgb(1, 0, 0)', 'rgb(0, 0, 2)']));
    expect(all()[0].points).toHaveLength(3);
  });

  it('draws a point without neighbours as a dot', async () => {
    shown(<MetricChart title="loss" series={[curve('a', 'loss', [null, 3, null, 1, 2])]} height={200} />);
    await settled();
    const dots = all().filter(({ width }) => width === 5);
    expect(dots.map(({ points }) => points.length)).toEqual([2]);
  });

  it.each([1e308, 1e40, 1e-20])('draws values of the size of %d, and numbers beside them', async size => {
    shown(<MetricChart title="loss" series={[curve('a', 'loss', [-size, size / 2, size])]} height={200} />);
    await settled();
    expect(all()[0]?.points.flat().map(Number.isFinite)).toEqual(Array(6).fill(true));
    expect(canvas.texts().some(text => /e[+-]\d+/.test(text))).toBe(true);
  });

  it('says when there is nothing to draw', async () => {
    const { again } = shown(<MetricChart title="loss" series={[curve('a', 'loss', [null, null])]} height={200} />);
    expect(screen.getByText('No finite value')).toBeTruthy();
    again(<MetricChart title="loss" series={[curve('a', 'loss', [-1, 0])]} height={200} logY />);
    expect(screen.getByText('Nothing above 0')).toBeTruthy();
    again(<MetricChart title="loss" series={ALL} height={200} />);
    expect(screen.queryByText('No finite value')).toBeNull();
  });

  it('draws the raw curve faintly behind a smoothed one', async () => {
    shown(<MetricChart title="loss" series={ALL.slice(0, 1)} height={200} smoothing={0.9} />);
    await settled();
    expect(all().map(({ alpha }) => alpha)).toEqual([0.25, 1]);
  });

  it('says its numbers in a table for who cannot see it', () => {
    shown(<MetricChart title="loss" series={ALL} />);
    const row = within(screen.getByRole('table')).getByRole('row', { name: /run a/ });
    expect(
      within(row)
        .getAllByRole('cell')
        .map(cell => cell.textContent)
    ).toEqual(['3', '1', '1', '3', '3']);
  });

  it('moves its crosshair by arrow keys, and says what is there, the highest first', async () => {
    shown(<MetricChart title="loss" series={ALL} height={200} />);
    curves().focus();
    await userEvent.keyboard('{End}');
    await settled();
    expect(curves().getAttribute('aria-valuetext')).toBe('2: run b 4, run a 1');
    await userEvent.keyboard('{Home}');
    await settled();
    expect(curves().getAttribute('aria-valuetext')).toBe('0: run b 6, run a 3');
  });

  it('zooms by + and -, and shows all again by Escape', async () => {
    const linked = new Linked();
    shown(<MetricChart title="loss" series={ALL} height={200} linked={linked} />);
    curves().focus();
    await userEvent.keyboard('+');
    expect(linked.zoom).toEqual([0.5, 1.5]);
    await userEvent.keyboard('-');
    expect(linked.zoom).toEqual([0, 2]);
    await userEvent.keyboard('{Escape}');
    expect(linked.zoom).toBeNull();
  });

  it('lets one run stand out, wherever it is pointed at', async () => {
    const linked = new Linked();
    shown(<MetricChart title="loss" series={ALL} height={200} linked={linked} />);
    await settled();
    act(() => linked.point('a'));
    await settled();
    expect(front().map(({ color }) => color)).toEqual(['rgb(1, 0, 0)']);
    expect(document.querySelector<HTMLElement>('.jmo-layer')?.style.opacity).toBe('0.24');
    act(() => linked.point(null));
    await settled();
    expect(front()).toEqual([]);
    expect(document.querySelector<HTMLElement>('.jmo-layer')?.style.opacity).toBe('');
  });

  it('shows its crosshair where that of a linked chart is', async () => {
    const linked = new Linked();
    shown(<MetricChart title="loss" series={ALL} height={200} linked={linked} />);
    act(() => linked.aimAt({ x: 1, from: {} }));
    await settled();
    expect(curves().getAttribute('aria-valuenow')).toBe('1');
  });

  it('does not draw hidden runs', async () => {
    const linked = new Linked();
    shown(<MetricChart title="loss" series={ALL} height={200} linked={linked} />);
    act(() => linked.toggle('b'));
    await settled();
    expect(drawnColors()).toEqual(['rgb(1, 0, 0)']);
  });

  it('draws again when the theme changes', async () => {
    shown(<MetricChart title="loss" series={ALL} height={200} />);
    await settled();
    const before = document.querySelector('.uplot');
    document.body.dataset.jpThemeLight = 'false';
    await waitFor(() => expect(document.querySelector('.uplot')).not.toBe(before));
  });

  it('draws again when a theme’s style sheet comes late, or goes', async () => {
    shown(<MetricChart title="loss" series={ALL} height={200} />);
    await settled();
    const sheet = document.createElement('link');
    document.body.append(sheet);
    for (const happens of [() => sheet.dispatchEvent(new Event('load')), () => sheet.remove()]) {
      const before = document.querySelector('.uplot');
      happens();
      await waitFor(() => expect(document.querySelector('.uplot')).not.toBe(before));
    }
  });

  it('survives series without points, and only gaps', async () => {
    shown(
      <MetricChart title="loss" series={[curve('a', 'loss', []), curve('b', 'loss', [null, null])]} height={200} logX logY />
    );
    await settled();
    expect(screen.getByRole('table')).toBeTruthy();
  });
});

describe('a grid of charts', () => {
  const backend = () =>
    new MemoryBackend({
      'runs.metrics': { series: [...ALL, curve('a', 'auc', [0.5]), curve('a', 'f1', [1]), curve('a', 'mae', [1])] }
    });
  const titles = () => screen.getAllByRole('heading', { level: 3 }).map(title => title.textContent);

  it('has a chart for each metric', async () => {
    shown(<ChartGrid runs={['a', 'b']} />, backend());
    await screen.findByText('loss');
    expect(titles()).toEqual(['auc', 'f1', 'loss', 'mae']);
  });

  it('finds metrics by a part of their name, and says when there is none', async () => {
    shown(<ChartGrid runs={['a', 'b']} />, backend());
    await userEvent.type(await screen.findByRole('searchbox'), 'LO');
    expect(titles()).toEqual(['loss']);
    await userEvent.type(screen.getByRole('searchbox'), 'xyz');
    expect(screen.getByText('No metric is called LOxyz')).toBeTruthy();
  });

  it('shows points that come in while the run goes on', async () => {
    const mine = backend();
    shown(<ChartGrid runs={['a', 'b']} keys={['loss']} />, mine);
    await screen.findByText('loss');
    expect(mine.followed).toEqual(['a', 'b']);
    act(() => mine.happen({ type: 'metric', run: 'a', key: 'loss', points: [[3, 0.25, 103]], total: 4 }));
    await waitFor(() => expect(within(screen.getByRole('table')).getAllByRole('cell')[1].textContent).toBe('0.25'));
    expect(mine.of('runs.metrics')).toHaveLength(1);
  });

  it('takes no live points of other metrics than those that are shown', async () => {
    const mine = backend();
    shown(<ChartGrid runs={['a']} keys={['loss']} />, mine);
    await screen.findByText('loss');
    act(() => mine.happen({ type: 'metric', run: 'a', key: 'other', points: [[3, 1, 103]], total: 1 }));
    await settled();
    expect(titles()).toEqual(['loss']);
  });

  it('stops following when it goes away', async () => {
    const mine = backend();
    const { unmount } = shown(<ChartGrid runs={['a', 'b']} />, mine);
    await screen.findByText('loss');
    unmount();
    expect(mine.followed).toEqual([]);
  });

  it('enlarges a chart with more points, and goes back by Escape to where the focus was', async () => {
    const mine = backend();
    shown(<ChartGrid runs={['a', 'b']} />, mine);
    const button = await screen.findByRole('button', { name: 'Enlarge loss' });
    await userEvent.click(button);
    expect(screen.getByRole('dialog', { name: 'loss' })).toBeTruthy();
    expect(mine.of('runs.metrics').at(-1)).toEqual({ runs: ['a', 'b'], points: 5000, keys: ['loss'] });
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement).toBe(button);
  });

  it('hides a run by its legend, or shows it alone with Shift', async () => {
    const linked = new Linked();
    shown(<ChartGrid runs={['a', 'b']} legend nameOf={run => `run ${run}`} linked={linked} />, backend());
    const entry = await screen.findByRole('button', { name: 'run a' });
    fireEvent.click(entry);
    expect(entry.getAttribute('aria-pressed')).toBe('false');
    fireEvent.click(entry);
    fireEvent.click(entry, { shiftKey: true });
    expect([...linked.hidden]).toEqual(['b']);
  });

  it('says so when there are no metrics, and when they could not be had', async () => {
    const { unmount } = shown(<ChartGrid runs={['a']} />, new MemoryBackend({ 'runs.metrics': { series: [] } }));
    expect(await screen.findByText('No metrics')).toBeTruthy();
    unmount();
    shown(<ChartGrid runs={['a']} />, new MemoryBackend());
    expect((await screen.findByRole('alert')).textContent).toContain('runs.metrics has no answer');
  });

  it('has no fault that axe finds', async () => {
    const { container } = shown(<ChartGrid runs={['a', 'b']} legend />, backend());
    await screen.findByText('loss');
    const { violations } = await axe.run(container, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
    });
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
});

describe('a sparkline', () => {
  it('draws its points, and is silent unless it has a name', () => {
    const { container } = shown(<Sparkline points={ALL[0].points} />);
    expect(container.querySelector('path')?.getAttribute('d')).toMatch(/^M1\.0,/);
    expect(container.querySelector('svg')?.getAttribute('aria-hidden')).toBe('true');
  });

  it('keeps its place when there is nothing to draw', () => {
    const { container } = shown(<Sparkline points={[]} width={40} />);
    expect(container.querySelector('span')?.style.width).toBe('40px');
  });
});
