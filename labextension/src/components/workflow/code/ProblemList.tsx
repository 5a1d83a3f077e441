import { CircleAlert } from 'lucide-react';
import type { IProblem } from '../../../model/contract';
import { useT } from '../../surroundings';

/** What is wrong, each with a way to its place. */
export function ProblemList({ problems, goTo }: { problems: readonly IProblem[]; goTo(problem: IProblem): void }) {
  const t = useT();
  return problems.length === 0 ? null : (
    <ul className="jmo-code-problems" aria-label={t('Problems')}>
      {problems.map((problem, at) => (
        <li key={at}>
          <button type="button" onClick={() => goTo(problem)}>
            <CircleAlert size={13} aria-hidden />
            <span>{problem.text}</span>
            {problem.line === null ? null : <span className="jmo-muted jmo-num">{t('line %1', problem.line)}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}
