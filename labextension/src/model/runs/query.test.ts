import { describe, expect, it } from 'vitest';
import { groupClause } from './groups';
import { and, clauses, complete, filter, filtered, isUnfinished, named, suggest, within } from './query';

const COLUMNS = { results: ['accuracy', 'auc', 'my score'], params: ['max_depth', 'name'], tags: [], metrics: [] };

describe('clauses of a condition', () => {
  it('are split at AND, but not inside quotes, brackets or BETWEEN', () => {
    const condition = "accuracy > 0.9 AND name = 'this and that' and (a = 1 AND b = 2) AND x BETWEEN 1 AND 2";
    expect(clauses(condition)).toEqual(['accuracy > 0.9', "name = 'this and that'", '(a = 1 AND b = 2)', 'x BETWEEN 1 AND 2']);
  });

  it('are none when there is an OR among them', () => {
    expect(clauses('a = 1 OR b = 2')).toBeNull();
    expect(clauses('(a = 1 OR b = 2) AND c = 3')).toEqual(['(a = 1 OR b = 2)', 'c = 3']);
  });
});

describe('quick filters', () => {
  it('stand in the query, and are read from it again', () => {
    const query = filter('', 'state', ['error']);
    expect(query).toBe("state = 'error'");
    const both = filter(filter(query, 'state', ['error', 'aborted']), 'time', ['day']);
    expect(both).toBe("state IN ('error', 'aborted') AND created > (now() AT TIME ZONE 'UTC') - INTERVAL 1 DAY");
    expect(filtered(both, 'state')).toEqual(['error', 'aborted']);
    expect(filtered(both, 'time')).toEqual(['day']);
    expect(filter(both, 'state', [])).toBe("created > (now() AT TIME ZONE 'UTC') - INTERVAL 1 DAY");
  });

  it('keep what else was asked: words, and an OR', () => {
    expect(filter('big train', 'state', ['error'])).toBe(
      "concat_ws(' ', id, name, function, workflow, step, state) ILIKE '%big%' AND concat_ws(' ', id, name, function, workflow, step, state) ILIKE '%train%' AND state = 'error'"
    );
    expect(filter('a = 1 OR b = 2', 'function', ['train'])).toBe("(a = 1 OR b = 2) AND function = 'train'");
  });

  it('take names with quotes as they are', () => {
    const query = filter('', 'tag', ["stage=it's", 'best']);
    expect(query).toBe("id IN (SELECT run FROM tags WHERE key = 'stage' AND value = 'it''s' OR key = 'best')");
    expect(filtered(query, 'tag')).toEqual(["stage=it's", 'best']);
  });

  it('find tags with more than one equals sign, whichever of them ends the key', () => {
    const query = filter('', 'tag', ['a=b=c', 'd=e']);
    expect(query).toBe("id IN (SELECT run FROM tags WHERE key || '=' || value = 'a=b=c' OR key = 'd' AND value = 'e')");
    expect(filtered(query, 'tag')).toEqual(['a=b=c', 'd=e']);
    expect(groupClause('tag:a=b', 'c')).toBe("id IN (SELECT run FROM tags WHERE key = 'a=b' AND value = 'c')");
    expect(filtered(groupClause('tag:a=b', 'c'), 'tag')).toEqual(['a=b=c']);
    expect(groupClause('tag:a', '')).toBe("id IN (SELECT run FROM tags WHERE key = 'a' AND value = '')");
  });
});

it('a condition of ours holds whatever the query is: a comment at its end, an OR', () => {
  expect(within('a = 1 OR b = 2 -- all', "state = 'error'")).toBe("(a = 1 OR b = 2 -- all\n) AND state = 'error'");
  expect(within('', "state = 'error'")).toBe("state = 'error'");
});

it('names that aren’t plain are quoted', () => {
  expect(named('accuracy')).toBe('accuracy');
  expect(named('my "score"')).toBe('"my ""score"""');
  expect(named('order')).toBe('"order"');
  expect(and('accuracy > 1', `${named('my score')} > 2`)).toBe('accuracy > 1 AND "my score" > 2');
});

describe('suggestions', () => {
  it('are the columns that fit the word at the caret, those that begin with it first', () => {
    const found = suggest('state = 1 and ac', 16, COLUMNS);
    expect(found.from).toBe(14);
    expect(found.options[0]).toEqual({ text: 'accuracy', from: 'results' });
    expect(suggest('score', 5, COLUMNS).options.map(option => option.text)).toContain('"my score"');
  });

  it('leave out params that a column of every run hides', () => {
    expect(suggest('nam', 3, COLUMNS).options).toEqual([{ text: 'name', from: 'about' }]);
  });

  it('are states after state =, and none inside other quotes', () => {
    expect(suggest("state = 'er", 11, COLUMNS)).toEqual({ from: 8, options: [{ text: "'error'", from: 'state' }] });
    expect(suggest("name = 'ac", 10, COLUMNS).options).toEqual([]);
  });

  it('take the place of what was typed', () => {
    expect(complete('ac > 1', 0, 2, { text: 'accuracy', from: 'results' })).toEqual({ query: 'accuracy > 1', caret: 9 });
  });
});

it('what is still being written isn’t asked yet', () => {
  const unfinished = ['accuracy', '"my score"', 'accuracy >', "state = 'err", 'a IN (1, 2', 'a = 1 AND', 'a = 1 AND max_depth'];
  expect(unfinished.filter(query => !isUnfinished(query, COLUMNS))).toEqual([]);
  const finished = ['', 'train', 'accuracy > 1', "name = 'and'", 'a = 1 OR b IS NULL', 'model_in'];
  expect(finished.filter(query => isUnfinished(query, COLUMNS))).toEqual([]);
});
