import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import type { IProblem, IWorkflowForms } from '../../../model/contract';
import { MemoryBackend, memoryHost } from '../../../testing/backend';
import { renderEditor } from '../../../testing/editor';
import { retype } from '../../../testing/typing';
import { CodeView } from './CodeView';
import { draftOf, mayLeaveCode } from './drafts';

const YAML = 'name: nightly # each night\nsteps:\n  raw: {function: ingest}\n';

/** Python that is `# YAML` line by line; a text with `!` is no workflow. */
const backend = () =>
  new MemoryBackend({
    'workflows.check': ({ name, yaml, python, previous }): IWorkflowForms => {
      if (yaml !== undefined) {
        return { name, yaml, python: yaml.includes('broken') ? null : pythonOf(yaml), problems: [], etag: null };
      }
      const wrong: IProblem = { text: '`!` is no Python', step: null, line: 2, field: null };
      return python?.includes('!')
        ? { name, yaml: previous ?? '', python, problems: [wrong], etag: null }
        : { name, yaml: yamlOf(python ?? ''), python: python ?? '', problems: [], etag: null };
    }
  });
const pythonOf = (yaml: string) => yaml.trimEnd().replace(/^/gm, '# ');
const yamlOf = (python: string) => `${python.replace(/^# /gm, '')}\n`;

const pythonBox = () => screen.findByRole('textbox', { name: 'Workflow as Python' });
const yamlBox = () => screen.getByRole('textbox', { name: 'Workflow as YAML' });

describe('Python', () => {
  test('is made from the YAML, and follows it', async () => {
    const { edit } = renderEditor(<CodeView />, { text: YAML, backend: backend() });
    expect((await pythonBox()).textContent).toContain('# name: nightly');
    edit('Elsewhere', text => `${text}# more\n`);
    await waitFor(() => expect(document.querySelector('.cm-content')?.textContent).toContain('# # more'));
  });

  test('becomes the YAML after a pause, and stays as it was typed', async () => {
    const there = renderEditor(<CodeView />, { text: YAML, backend: backend() });
    retype(await pythonBox(), '# name: nightly\n# steps: {}');
    expect(screen.getByText('Converting…')).toBeTruthy();
    await waitFor(() => expect(there.now().text).toBe('name: nightly\nsteps: {}\n'));
    expect(screen.queryByText('Converting…')).toBeNull();
    expect((await pythonBox()).textContent).toBe('# name: nightly# steps: {}');
    expect(there.backend.of('workflows.check').find(args => args.python)?.previous).toBe(YAML);
  });

  test('that is no workflow stays, says why, and leaves the workflow as it is', async () => {
    const there = renderEditor(<CodeView />, { text: YAML, backend: backend() });
    retype(await pythonBox(), 'a\nb!');
    expect(await screen.findByText('`!` is no Python')).toBeTruthy();
    expect(document.querySelector('.jmo-code-wrong')?.textContent).toBe('b!');
    expect(there.now().text).toBe(YAML);
    fireEvent.click(screen.getByText('Undo to that'));
    await waitFor(async () => expect((await pythonBox()).textContent).toContain('# name: nightly'));
    expect(draftOf(there.now().file)).toBeNull();
  });

  test('that isn’t in the workflow’s text holds the file, so that it isn’t closed unasked', async () => {
    const there = renderEditor(<CodeView />, { text: YAML, backend: backend() });
    const held: boolean[] = [];
    there.now().file.hold = unfinished => void (held.at(-1) === unfinished || held.push(unfinished));
    retype(await pythonBox(), 'a\nb!');
    expect(held).toEqual([true]);
    await screen.findByText('`!` is no Python');
    expect(held).toEqual([true]);
    retype(await pythonBox(), '# name: nightly');
    await waitFor(() => expect(held).toEqual([true, false]));
  });

  test('that is no workflow is asked about when one leaves, and is there again when one comes back', async () => {
    const answers = [false, true];
    const host = memoryHost({ confirm: async () => answers.shift() ?? true });
    const there = renderEditor(<CodeView />, { text: YAML, backend: backend(), host });
    retype(await pythonBox(), 'a\nb!');
    await screen.findByText('`!` is no Python');
    fireEvent.click(screen.getByRole('tab', { name: 'YAML' }));
    await waitFor(() => expect(answers).toHaveLength(1));
    expect(await pythonBox()).toBeTruthy();
    expect(await act(() => mayLeaveCode(there.now().file, host))).toBe(true);
    there.unmount();
    expect(screen.queryByRole('textbox')).toBeNull();
    there.remount(<CodeView />);
    expect((await pythonBox()).textContent).toBe('ab!');
  });

  test('typed in the last moment is converted when the view goes away', async () => {
    const there = renderEditor(<CodeView />, { text: YAML, backend: backend() });
    retype(await pythonBox(), '# name: other');
    there.unmount();
    await waitFor(() => expect(there.now().text).toBe('name: other\n'));
  });

  test('that was overtaken by a change elsewhere says so', async () => {
    const there = renderEditor(<CodeView />, { text: YAML, backend: backend() });
    retype(await pythonBox(), 'b!');
    await screen.findByText('`!` is no Python');
    there.edit('Elsewhere', text => `${text}# more\n`);
    fireEvent.click(screen.getByText('Show that instead'));
    await waitFor(async () => expect((await pythonBox()).textContent).toContain('# # more'));
  });

  test('that cannot be said leads to the YAML', async () => {
    renderEditor(<CodeView />, { text: 'broken: 1\n', backend: backend() });
    fireEvent.click(await screen.findByText('Open the YAML'));
    await waitFor(() => expect(yamlBox().textContent).toContain('broken: 1'));
  });

  test('says when the server could not be asked, and tries again', async () => {
    const broken = new MemoryBackend();
    renderEditor(<CodeView />, { text: YAML, backend: broken });
    expect(await screen.findByRole('alert')).toBeTruthy();
  });
});

describe('YAML', () => {
  test('becomes the text of the workflow, whatever it says', async () => {
    const there = renderEditor(<CodeView first="yaml" />, { text: YAML });
    retype(yamlBox(), 'name: [');
    await waitFor(() => expect(there.now().text).toBe('name: ['));
    expect(there.now().broken).not.toBeNull();
    expect(document.querySelector('.jmo-code-problems')).toBeTruthy();
  });

  test('is all there when Ctrl+S comes, and when the view goes away', () => {
    const there = renderEditor(<CodeView first="yaml" />, { text: YAML });
    retype(yamlBox(), 'name: one\n');
    fireEvent.keyDown(window, { key: 's', ctrlKey: true });
    expect(there.now().text).toBe('name: one\n');
    retype(yamlBox(), 'name: two\n');
    there.unmount();
    expect(there.now().text).toBe('name: two\n');
  });

  test('marks lines with what is wrong there', () => {
    const problems: IProblem[] = [{ text: 'no Function `ingest`', step: 'raw', line: 3, field: 'function' }];
    renderEditor(<CodeView first="yaml" />, { text: YAML, editor: { problems } });
    expect(document.querySelector('.jmo-code-wrong')?.textContent).toContain('raw');
    expect(screen.getByText('line 3')).toBeTruthy();
  });
});
