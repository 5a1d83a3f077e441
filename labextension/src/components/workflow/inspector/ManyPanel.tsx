import { CirclePlay, Trash2, X } from 'lucide-react';
import { isFinished } from '../../../model/format';
import { useT } from '../../surroundings';
import { Button, IconButton, StateIcon } from '../../ui';
import { useEditor } from '../context';
import { useStepActions } from './actions';
import { HideButton } from './HideButton';

/** Several steps: what can be done with all of them. */
export function ManyPanel() {
  const t = useT();
  const { selected, select, live, readonly } = useEditor();
  const actions = useStepActions();
  const going = live !== null && !isFinished(live.run.state);
  return (
    <>
      <header className="jmo-inspector-head">
        <div className="jmo-inspector-title">
          <h3>{t('%1 steps', selected.length)}</h3>
          <span className="jmo-spacer" />
          <HideButton />
          <IconButton icon={X} label={t('Close')} onClick={() => select([])} />
        </div>
      </header>
      <div className="jmo-inspector-body">
        {readonly ? null : (
          <div className="jmo-part-buttons">
            <Button icon={CirclePlay} disabled={going} onClick={() => actions.runOnly(selected)}>
              {t('Only these')}
            </Button>
            <Button icon={Trash2} look="danger" onClick={() => actions.remove(selected)}>
              {t('Delete')}
            </Button>
          </div>
        )}
        <ul className="jmo-plain-list">
          {selected.map(name => (
            <li key={name}>
              <button type="button" className="jmo-line-button" onClick={() => select([name], { reveal: true })}>
                <StateIcon state={live?.byName.get(name)?.state ?? 'none'} />
                <span className="jmo-clip">{name}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}
