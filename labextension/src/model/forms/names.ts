/** Names of Functions, steps and workflows; and the example that a new project can begin with. */
import type { Args } from '../contract';

const NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** What is wrong with a name, or null. The server has the last word. */
export function nameProblem(text: string, t: (text: string) => string): string | null {
  return NAME.test(text) ? null : t('Begin with a lower-case letter; then letters, digits and _, 63 at most.');
}

/** Make a name of any words: `Train model!` → `train_model`. Empty when nothing is left. */
export function asName(words: string): string {
  const letters = words
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return letters
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, 40)
    .replace(/_+$/, '');
}

export const EXAMPLE: Args<'functions.define'>[] = [
  {
    name: 'make_data',
    description: 'Noisy points on a line',
    returns: ['points:dataset'],
    code: [
      'import random',
      '',
      'import pandas as pd',
      '',
      'count: int = 200  # how many points',
      'noise: float = 0.3  # how far they lie from the line',
      '',
      'random.seed(1)',
      'x = [i / count for i in range(count)]',
      'points = pd.DataFrame({"x": x, "y": [2 * each + 1 + random.gauss(0, noise) for each in x]})'
    ].join('\n')
  },
  {
    name: 'fit_line',
    description: 'A line through the points, by small steps',
    inputs: ['points'],
    returns: ['slope', 'error'],
    code: [
      'from jupyter_mlops import log_metric',
      '',
      'rate: float = 0.5  # how far each step goes',
      'steps: int = 100',
      '',
      'slope, start = 0.0, 0.0',
      'for step in range(steps):',
      '    off = start + slope * points["x"] - points["y"]',
      '    error = float((off**2).mean())',
      '    log_metric("error", error, step=step)',
      '    slope -= rate * float((off * points["x"]).mean()) * 2',
      '    start -= rate * float(off.mean()) * 2'
    ].join('\n')
  }
];

export const EXAMPLE_WORKFLOW = {
  name: 'first_workflow',
  yaml: [
    'name: first_workflow',
    'description: Makes data, and fits a line at two rates.',
    'params:',
    '  noise: 0.3',
    'steps:',
    '  data:',
    '    function: make_data',
    '    params: {noise: "${params.noise}"}',
    '  slow:',
    '    function: fit_line',
    '    params: {rate: 0.1}',
    '    inputs: {points: "${data.points}"}',
    '  fast:',
    '    function: fit_line',
    '    params: {rate: 0.6}',
    '    inputs: {points: "${data.points}"}',
    ''
  ].join('\n')
};
