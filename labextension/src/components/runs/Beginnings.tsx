/** A project without runs: three ways to begin. */
import { Copy, Play, SquareFunction, SquareTerminal } from 'lucide-react';
import { EXAMPLE, EXAMPLE_WORKFLOW } from '../../model/forms/names';
import { useAnswer } from '../answers';
import { useBackend, useHost, useT } from '../surroundings';
import { Button } from '../ui';
import { useRunActions } from './useRunActions';

const CELL = '%%mlfunction train\nn_estimators: int = 100\naccuracy = 0.9';

export function Beginnings() {
  const t = useT();
  const host = useHost();
  const backend = useBackend();
  const { copy } = useRunActions();
  const stale = (event: { type: string }): boolean => event.type === 'changed';
  const functions = useAnswer('functions.list', {}, { stale }).value?.functions ?? [];
  const workflows = useAnswer('workflows.list', {}, { stale }).value?.workflows ?? [];
  const ready = [...functions, ...workflows].slice(0, 6);
  const example = async (): Promise<void> => {
    try {
      for (const one of EXAMPLE) {
        await backend.call('functions.define', one);
      }
      await backend.call('workflows.save', EXAMPLE_WORKFLOW);
      host.openWorkflow(EXAMPLE_WORKFLOW.name);
    } catch (error) {
      host.notify((error as Error).message, 'error');
    }
  };
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
            <>
              <p>{t('There is no Function yet: begin with an example of two and a workflow.')}</p>
              <Button onClick={() => void example()}>{t('Make the example')}</Button>
            </>
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
          <pre className="jmo-log">{CELL}</pre>
          <Button icon={Copy} onClick={() => copy(CELL, t('Copied: paste it into a cell of a notebook.'))}>
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
