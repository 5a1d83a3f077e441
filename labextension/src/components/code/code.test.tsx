import { fireEvent, render, screen } from '@testing-library/react';
import { describe, expect, test, vi } from 'vitest';
import { editorOf, retype } from '../../testing/typing';
import { CodeEditor, difference } from './CodeEditor';

describe('the code editor', () => {
  const box = () => screen.getByRole('textbox', { name: 'YAML' });

  test('shows text under its name, with line numbers', () => {
    render(<CodeEditor text={'a: 1\nb: 2'} language="yaml" label="YAML" />);
    expect(box().textContent).toContain('a: 1');
    expect(document.querySelector('.cm-lineNumbers')?.textContent).toContain('2');
  });

  test('colours by classes of ours', () => {
    render(<CodeEditor text={'x = "text"  # why'} language="python" label="Python" />);
    expect(document.querySelector('.jmo-tok-string')?.textContent).toBe('"text"');
    expect(document.querySelector('.jmo-tok-comment')?.textContent).toBe('# why');
  });

  test('tells what is typed, but not what comes from outside', () => {
    const heard = vi.fn();
    const { rerender } = render(<CodeEditor text="a" language="yaml" label="YAML" onChange={heard} />);
    rerender(<CodeEditor text="ab" language="yaml" label="YAML" onChange={heard} />);
    expect(box().textContent).toBe('ab');
    expect(heard).not.toHaveBeenCalled();
    retype(box(), 'abc');
    expect(heard.mock.calls).toEqual([['abc']]);
  });

  test('marks lines with what is wrong there', () => {
    const problems = [
      { line: 2, text: 'no such Function' },
      { line: 99, text: 'cut off' }
    ];
    render(<CodeEditor text={'a\nb\nc'} language="yaml" label="YAML" problems={problems} />);
    expect([...document.querySelectorAll('.jmo-code-wrong')].map(line => line.textContent)).toEqual(['b', 'c']);
    expect([...document.querySelectorAll<HTMLElement>('.jmo-code-sign')].map(sign => sign.title)).toEqual([
      'no such Function',
      'cut off'
    ]);
  });

  test('can be read but not changed', () => {
    const { rerender } = render(<CodeEditor text="a" language="yaml" label="YAML" readonly />);
    expect(box().getAttribute('aria-readonly')).toBe('true');
    expect(editorOf(box()).state.readOnly).toBe(true);
    rerender(<CodeEditor text="a" language="yaml" label="YAML" />);
    expect(editorOf(box()).state.readOnly).toBe(false);
  });

  test('keeps its undo from the screen around it', () => {
    const around = vi.fn();
    render(
      <div onKeyDown={around}>
        <CodeEditor text="a" language="yaml" label="YAML" />
      </div>
    );
    fireEvent.keyDown(box(), { key: 'z', ctrlKey: true });
    expect(around).not.toHaveBeenCalled();
    fireEvent.keyDown(box(), { key: 's', ctrlKey: true });
    expect(around).toHaveBeenCalledTimes(1);
  });

  test('changes no more than differs', () => {
    expect(difference('steps: [a, b]', 'steps: [a, xyz, b]')).toEqual({ from: 11, to: 11, insert: 'xyz, ' });
    expect(difference('aaa', 'aa')).toEqual({ from: 2, to: 3, insert: '' });
  });
});
