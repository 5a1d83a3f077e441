import type { IProblem } from '../../../model/contract';

/** What is wrong with a field of a step, or with one param or input of it; null when nothing is known. */
export function problemOf(problems: readonly IProblem[], step: string | null, field: string, name?: string): string | null {
  const mine = problems.filter(problem => problem.step === step && problem.field !== null);
  const exact = name === undefined ? field : `${field}.${name}`;
  const found =
    mine.find(problem => problem.field === exact) ??
    // those that are found at once only name the group
    mine.find(problem => name !== undefined && problem.field === field && new RegExp(`[“'\`]${name}[”'\`]`).test(problem.text));
  return found?.text ?? null;
}

/** Those of a step that have no field to stand at. */
export const looseProblems = (problems: readonly IProblem[], step: string): IProblem[] =>
  problems.filter(problem => problem.step === step && problem.field === null);
