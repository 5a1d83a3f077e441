import { Plus } from 'lucide-react';
import { useId, useState } from 'react';
import { useT } from '../../surroundings';
import { IconButton } from '../../ui';

/** A line in which one writes the name of something new. */
export function AddName(props: { label: string; taken: readonly string[]; onAdd(name: string): void }) {
  const t = useT();
  const id = useId();
  const [name, setName] = useState('');
  const wrong =
    name === ''
      ? null
      : !/^[A-Za-z_]\w*$/.test(name)
        ? t('Letters, digits and _; begin with a letter')
        : props.taken.includes(name)
          ? t('There is one of that name')
          : null;
  const add = () => {
    if (name !== '' && wrong === null) {
      props.onAdd(name);
      setName('');
    }
  };
  return (
    <div className="jmo-field">
      <div className="jmo-add-name">
        <input
          className="jmo-input jmo-mono"
          aria-label={props.label}
          aria-describedby={wrong ? id : undefined}
          aria-invalid={wrong !== null}
          placeholder={props.label}
          value={name}
          spellCheck={false}
          onChange={event => setName(event.target.value.trim())}
          onKeyDown={event => event.key === 'Enter' && add()}
        />
        <IconButton icon={Plus} label={props.label} disabled={name === '' || wrong !== null} onClick={add} />
      </div>
      {wrong ? (
        <span id={id} className="jmo-field-error">
          {wrong}
        </span>
      ) : null}
    </div>
  );
}
