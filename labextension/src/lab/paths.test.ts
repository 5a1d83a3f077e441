import { describe, expect, it } from 'vitest';
import { asWorkflow, tabId } from './paths';

describe('a file of the file browser', () => {
  it('is a workflow in the folder workflows of a project', () => {
    expect(asWorkflow('work/churn/workflows/nightly.yaml')).toEqual({ project: 'work/churn', name: 'nightly' });
    expect(asWorkflow('workflows/nightly.yml')).toEqual({ project: '', name: 'nightly' });
  });

  it('is found on another drive', () => {
    expect(asWorkflow('RTC:churn/workflows/nightly.yaml')).toEqual({ project: 'churn', name: 'nightly' });
  });

  it.each(['churn/nightly.yaml', 'churn/workflows/Nightly.yaml', 'churn/workflows/a/b.yaml', 'churn/workflows/notes.md'])(
    'is no workflow when it is %s',
    path => expect(asWorkflow(path)).toBeNull()
  );

  it('is no workflow of ours in a hidden folder, as those of other tools are', () => {
    expect(asWorkflow('.github/workflows/ci.yaml')).toBeNull();
    expect(asWorkflow('churn/.github/workflows/ci.yaml')).toBeNull();
  });
});

describe('a tab', () => {
  it('is one for each run of each project', () => {
    const ids = [
      tabId({ view: 'run', run: 'a' }, 'churn'),
      tabId({ view: 'run', run: 'b' }, 'churn'),
      tabId({ view: 'run', run: 'a' }, 'sales')
    ];
    expect(new Set(ids).size).toBe(3);
  });

  it('is the same for the same runs to compare, in whatever order', () => {
    expect(tabId({ view: 'compare', runs: ['b', 'a'] }, '')).toBe(tabId({ view: 'compare', runs: ['a', 'b'] }, ''));
  });

  it('is the same for a table that is asked another question', () => {
    expect(tabId({ view: 'runs', query: 'x' }, '')).toBe(tabId({ view: 'runs' }, ''));
  });
});
