import type { ICell, IRunDetail, State } from '../../model/contract';
import { duration, isFinished } from '../../model/format';
import { useT } from '../surroundings';
import { Empty, StateIcon } from '../ui';

const STATES = new Set<string>(['pending', 'running', 'completed', 'error', 'aborted', 'skipped']);
const stateOf = (cell: ICell): State => (STATES.has(cell.state) ? (cell.state as State) : 'pending');

/** The cells of its notebook: what each began with, how it stands, and which took the time. */
export function Cells({ run }: { run: IRunDetail }) {
  const t = useT();
  const longest = Math.max(0.001, ...run.cells.map(cell => cell.seconds ?? 0));
  if (run.cells.length === 0) {
    return (
      <Empty title={isFinished(run.state) ? t('No cell was run') : t('No cell has begun yet')}>
        {run.state === 'cached' ? t('Its outputs were taken from an earlier run.') : undefined}
      </Empty>
    );
  }
  return (
    <table className="jmo-run-table">
      <thead>
        <tr>
          <th scope="col">{t('Cell')}</th>
          <th scope="col">{t('State')}</th>
          <th scope="col" className="jmo-wide">
            {t('Begins with')}
          </th>
          <th scope="col">{t('Time')}</th>
        </tr>
      </thead>
      <tbody>
        {run.cells.map(cell => (
          <tr key={cell.index} aria-current={run.error?.cell === cell.index || undefined}>
            <th scope="row" className="jmo-num">
              {cell.index + 1}
            </th>
            <td>
              <StateIcon state={stateOf(cell)} size={10} />
            </td>
            <td className="jmo-wide jmo-mono">{cell.source}</td>
            <td>
              <span className="jmo-runs-duration jmo-num">
                {cell.seconds === null ? '–' : <i style={{ width: Math.max(2, (90 * cell.seconds) / longest) }} aria-hidden />}
                {duration(cell.seconds)}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
