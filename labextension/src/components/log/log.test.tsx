import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { describe, expect, test, vi } from 'vitest';
import { MemoryBackend, memoryHost } from '../../testing/backend';
import { Provide } from '../surroundings';
import { spans } from './ansi';
import { LogViewer } from './LogViewer';
import { plain } from '../../model/format';
import { again, append, begin, MOST_LINES, prepend, size, whole, type ILogText } from './text';

const escape = '\u001b';

describe('colours', () => {
  test('become classes, and the text stays text', () => {
    expect(spans(`a ${escape}[1;31m<b>${escape}[0m c`)).toEqual([
      { text: 'a ', look: '' },
      { text: '<b>', look: 'jmo-ansi-1 jmo-ansi-bold' },
      { text: ' c', look: '' }
    ]);
  });
  test('of 256 and of millions keep their hue, and what follows is read on', () => {
    expect(spans(`${escape}[38;5;9mred${escape}[38;2;1;2;3;4mfree`)).toEqual([
      { text: 'red', look: 'jmo-ansi-9' },
      { text: 'free', look: 'jmo-ansi-fore jmo-ansi-underline', style: { '--jmo-ansi-fore': 'rgb(1 2 3)' } }
    ]);
    expect(spans(`${escape}[48;5;208mx`)[0].style).toEqual({ '--jmo-ansi-back': 'rgb(255 135 0)' });
    expect(spans(`${escape}[38:2::7:8:9mx`)[0].style).toEqual({ '--jmo-ansi-fore': 'rgb(7 8 9)' });
    expect(spans(`${escape}[38;2;999;8;9;1mx`)).toEqual([{ text: 'x', look: 'jmo-ansi-bold' }]);
  });
  test('turned round are the ground, and back again', () => {
    const looks = spans(`${escape}[7ma${escape}[31mb${escape}[27mc`).map(({ look }) => look);
    expect(looks).toEqual(['jmo-ansi-reverse', 'jmo-ansi-back-1', 'jmo-ansi-1']);
  });
  test('other sequences are left out, whole or cut, and controls', () => {
    expect(spans(`${escape}]8;;http://x${escape}\\link${escape}[2K\u0007\u0000`)).toEqual([{ text: 'link', look: '' }]);
    expect(spans(`a${escape}[?25l${escape}M${escape}(Bb${escape}[3`)).toEqual([
      { text: 'a', look: '' },
      { text: 'b', look: '' }
    ]);
  });
  test('hold until they are reset, also in lines that come or are fetched later', () => {
    const looks = (log: ILogText) => log.lines.map(line => spans(line.text, line.look)[0]?.look);
    const red = append(begin(`${escape}[31mone\ntwo`, 0), '!\nthree\n', 12);
    expect(looks(red).slice(0, 3)).toEqual(['jmo-ansi-1', 'jmo-ansi-1', 'jmo-ansi-1']);
    const fetched = prepend(begin(`\nthree\n${escape}[0mfour\nfive`, 100), `${escape}[31mtwo`, 92);
    expect(looks(fetched)).toEqual(['jmo-ansi-1', 'jmo-ansi-1', '', '']);
  });
});

describe('the text of a log', () => {
  test('grows inside an unfinished line', () => {
    const log = append(append(begin('one\ntw', 0), 'o\nthree', 6), '\n', 13);
    expect(whole(log)).toBe('one\ntwo\nthree\n');
    expect(log.end).toBe(14);
  });
  test('takes what overlaps once', () => {
    expect(whole(append(begin('one\ntwo', 0), 'two three', 4))).toBe('one\ntwo three');
    expect(whole(append(begin('one\ntwo', 0), 'two', 4))).toBe('one\ntwo');
  });
  test('counts bytes, not letters', () => {
    const log = append(begin('größe', 0), '!', 7);
    expect(whole(log)).toBe('größe!');
    expect(size('a\ufffdb')).toBe(3);
  });
  test('says what is missing', () => {
    const log = append(begin('one\n', 0), 'two', 1004);
    expect(log.lines.map(line => line.missing ?? line.text)).toEqual(['one', '', 1000, 'two']);
  });
  test('gets its beginning in front, and lines keep their keys', () => {
    const log = begin('lf\nlast', 8);
    const fuller = prepend(log, 'first\nha', 0);
    expect(whole(fuller)).toBe('first\nhalf\nlast');
    expect(fuller.start).toBe(0);
    expect(fuller.lines.at(-1)?.key).toBe(log.lines.at(-1)?.key);
    expect(new Set(fuller.lines.map(line => line.key)).size).toBe(3);
  });
  test('shows what a progress bar wrote last', () => {
    expect(whole(begin('10 %\r50 %\r100 %\ndone', 0))).toBe('100 %\ndone');
  });
  test('shows the last of a coloured progress bar, not the reset after it', () => {
    expect(plain(whole(begin(`${escape}[32m50 %${escape}[0m\r${escape}[32m100 %\r${escape}[0m\n`, 0)))).toBe('100 %\n');
  });
  test('takes the last line anew as long as it is the same one', () => {
    const bar = begin('start\n10 %', 0);
    expect(bar.last).toBe(6);
    const further = again(bar, '50 %\ndone', 6, 15);
    expect(whole(further)).toBe('start\n50 %\ndone');
    expect([further.end, further.last, further.lines[1].key]).toEqual([15, 11, bar.lines[1].key]);
    expect(again(further, '60 %', 6, 10)).toBe(further);
  });
  test('forgets the earliest lines of an endless log', () => {
    const log = append(begin('x\n'.repeat(MOST_LINES), 0), 'end', MOST_LINES * 2);
    expect(log.lines.length).toBeLessThanOrEqual(MOST_LINES);
    expect(log.start).toBe((MOST_LINES + 1 - log.lines.length) * 2);
    expect(log.lines.at(-1)?.text).toBe('end');
  });
});

describe('the viewer', () => {
  const run = 'r1';
  const shown = (backend: MemoryBackend, live = true, host = memoryHost()) => {
    const view = render(
      <Provide backend={backend} host={host}>
        <LogViewer run={run} live={live} />
      </Provide>
    );
    return { ...view, host };
  };
  const answering = (text: string, offset = 0) =>
    new MemoryBackend({ 'runs.log': { text, offset, end: offset + text.length, size: offset + text.length } });

  test('shows the end and follows what is written', async () => {
    const backend = answering('fold 1\n');
    shown(backend);
    await screen.findByText('fold 1');
    expect(backend.followed).toEqual([run]);
    act(() => backend.happen({ type: 'log', run, text: 'fold 2\n', offset: 7 }));
    act(() => backend.happen({ type: 'log', run: 'another', text: 'not mine\n', offset: 0 }));
    expect(screen.getByText('fold 2')).toBeTruthy();
    expect(screen.queryByText('not mine')).toBeNull();
  });

  test('loses nothing that is written while the first part is on its way', async () => {
    let arrive = (_answer: { text: string; offset: number; end: number; size: number }): void => {};
    const backend = new MemoryBackend({ 'runs.log': () => new Promise(resolve => (arrive = resolve)) });
    shown(backend);
    act(() => backend.happen({ type: 'log', run, text: 'late\n', offset: 6 }));
    await act(async () => arrive({ text: 'early\n', offset: 0, end: 6, size: 6 }));
    expect(screen.getByRole('log').textContent).toBe('earlylate');
  });

  test('shows a long one that nobody writes to any more', async () => {
    const height = vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(340);
    shown(answering('line\n'.repeat(2000)), false);
    await screen.findByRole('log');
    expect(screen.getAllByText('line').length).toBeGreaterThan(10);
    height.mockRestore();
  });

  test('a finished run is not followed', async () => {
    const backend = answering('done');
    shown(backend, false);
    await screen.findByText('done');
    expect(backend.followed).toEqual([]);
  });

  test('fetches earlier parts when asked', async () => {
    const backend = new MemoryBackend({
      'runs.log': ({ offset }) =>
        offset === undefined
          ? { text: 'tail', offset: 800_000, end: 800_004, size: 800_004 }
          : { text: `${'e'.repeat(800_000 - offset - 1001)}\n${'e'.repeat(1000)}`, offset, end: 800_000, size: 800_004 }
    });
    shown(backend, false);
    fireEvent.click(await screen.findByText('Earlier…'));
    await waitFor(() => expect(backend.of('runs.log')).toHaveLength(2));
    expect(backend.of('runs.log')[1].offset).toBe(300_000);
    await screen.findByText(/^e{1000}tail$/);
  });

  test('stops following when one scrolls up, and offers to follow again', async () => {
    shown(answering('a\nb'));
    const box = await screen.findByRole('log');
    Object.defineProperties(box, { scrollHeight: { value: 1000 }, clientHeight: { value: 100 } });
    box.scrollTop = 10;
    fireEvent.scroll(box);
    fireEvent.click(await screen.findByText('Follow'));
    expect(box.scrollTop).toBe(1000);
  });

  test('finds text and walks through the hits', async () => {
    shown(answering('Loss 1\nother\nloss 2'));
    await screen.findByText('other');
    const field = screen.getByRole('searchbox');
    fireEvent.change(field, { target: { value: 'loss' } });
    expect(screen.getByText('1 of 2')).toBeTruthy();
    expect([...document.querySelectorAll('mark')].map(mark => mark.textContent)).toEqual(['Loss', 'loss']);
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(document.querySelector('.jmo-current')?.textContent).toBe('loss 2');
  });

  test('marks what goes on in another colour', async () => {
    shown(answering(`lo${escape}[31mss${escape}[0m 1`), false);
    await screen.findByText('ss');
    fireEvent.change(screen.getByRole('searchbox'), { target: { value: 'LOSS' } });
    expect(screen.getByText('1 of 1')).toBeTruthy();
    expect([...document.querySelectorAll('mark')].map(mark => mark.textContent)).toEqual(['lo', 'ss']);
  });

  test('reads a progress bar anew while it is written over', async () => {
    let bar = '10%';
    const backend = new MemoryBackend({
      'runs.log': ({ offset = 0 }) => ({ text: bar, offset, end: offset + bar.length, size: offset + bar.length })
    });
    shown(backend);
    await screen.findByText('10%');
    bar = '100%';
    act(() => backend.happen({ type: 'log', run, text: '%', offset: 3 }));
    expect(screen.getByRole('log').textContent).toBe('10%');
    await screen.findByText('100%', undefined, { timeout: 3000 });
  });

  test('copies plain text', async () => {
    const copied = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    shown(answering(`${escape}[31mred${escape}[0m\nend`), false);
    await screen.findByText('red');
    fireEvent.click(screen.getByRole('button', { name: 'Copy' }));
    expect(copied).toHaveBeenCalledWith('red\nend');
  });

  test('shows the beginning of an endless line, and all of it when asked', async () => {
    shown(answering('x'.repeat(50_000)), false);
    fireEvent.click(await screen.findByText(/^… .* more$/));
    expect(screen.getByRole('log').textContent).toHaveLength(50_000);
  });

  test('says that it searched only the part that is here', async () => {
    shown(answering('end', 1000), false);
    fireEvent.change(await screen.findByRole('searchbox'), { target: { value: 'begin' } });
    expect(screen.getByText('None in this part')).toBeTruthy();
  });

  test('renders markup as text', async () => {
    shown(answering('<img src=x onerror=alert(1)>'));
    expect(await screen.findByText('<img src=x onerror=alert(1)>')).toBeTruthy();
    expect(document.querySelector('img')).toBeNull();
  });

  test('says what went wrong', async () => {
    shown(new MemoryBackend());
    expect(await screen.findByRole('alert')).toBeTruthy();
  });
});
