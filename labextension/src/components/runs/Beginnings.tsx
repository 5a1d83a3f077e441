/** A project without runs: three ways to begin. */
import { Copy, Play, SquareFunction, SquareTerminal } from 'lucide-react';
import { useAnswer } from '../answers';
import { useHost, useT } from '../surroundings';
import { Button } from '../ui';
import { useRunActions } from './useRunActions';

const CELL = '%load_ext jupyter_mlops\n%mlproject .\n\n%%mlfunction train\nn_estimators: int = 100\naccuracy = 0.9';

export function Beginnings() {
  const t = useT();
  const host = useHost();
  const { copy } = useRunActions();
  const stale = (event: { type: string }): boolean => event.type === 'changed';
  const functions = useAnswer('functions.list', {}, { stale }).value?.functions ?? [];
  const workflows = useAnswer('workflows.list', {}, { stale }).value?.workflows ?? [];
  const ready = [...functions, ...workflows].slice(0, 6);
  const python = `project.run(${JSON.stringify(functions[0]?.name ?? 'train')})`;
  const line = `%mlrun ${functions[0]?.name ?? 'train'}`;
  return (
    <div className="jmo-runs-begin">
      <h3>{t('No runs yet')}</h3>
      <p className="jmo-muted">{t('Three ways to begin:')}</p>
      <ul>
        <li>
          <Play size={18} aria-hidden />
          <h4>{t('Run what is here')}</h4>
          {ready.length === 0 ? (
            <p className="jmo-muted">{t('As soon as the project has a Function or a workflow, it can be run from here.')}</p>
          ) : (
            <div className="jmo-runs-ready">
              {ready.map(({ name }) => (
                <Button key={name} onClick={() => host.openForm(name)}>
                  {name}
                </Button>
              ))}
            </div>
          )}
        </li>
        <li>
          <SquareFunction size={18} aria-hidden />
          <h4>{t('Make a cell a Function')}</h4>
          <pre className="jmo-log">{CELL.split('\n\n')[1]}</pre>
          <Button icon={Copy} onClick={() => copy(CELL.split('\n\n')[1], t('Copied: paste it into a cell of a notebook.'))}>
            {t('Copy')}
          </Button>
        </li>
        <li>
          <SquareTerminal size={18} aria-hidden />
          <h4>{t('Run it in a notebook or in Python')}</h4>
          <pre className="jmo-log">{`${line}\n${python}`}</pre>
          <Button icon={Copy} onClick={() => copy(line, t('Copied: paste it into a cell of a notebook.'))}>
            {t('Copy')}
          </Button>
        </li>
      </ul>
    </div>
  );
}
