/** Where an output may go: every free input, param and order of the other steps, or of one. */
import { useMemo, useState, type CSSProperties } from 'react';
import { functionOf } from '../../model/workflow/document';
import { edgesOf, refused, type Slot } from '../../model/workflow/graph';
import { openSlots, outputOf, portsOf, tileOf } from '../../model/workflow/ports';
import { useT } from '../surroundings';
import { useEditor } from './context';
import { Picker, type IChoice } from './Picker';
import { refusalText } from './words';

interface ITarget extends IChoice {
  step: string;
  slot: Slot;
}

interface IConnectPickerProps {
  from: string;
  /** null asks for it first, when there are several. */
  output: string | null;
  /** Only this step. */
  to?: string | null;
  style?: CSSProperties;
  onPick(from: { step: string; output: string | null }, to: { step: string; slot: Slot }): void;
  onClose(): void;
}

export function ConnectPicker({ from, output, to = null, style, onPick, onClose }: IConnectPickerProps) {
  const t = useT();
  const { doc, functions } = useEditor();
  const step = doc.steps.find(each => each.name === from);
  const outputs = useMemo(() => {
    const called = step ? (functions.get(functionOf(step) ?? '') ?? null) : null;
    return step ? portsOf(step, called, edgesOf(doc)).outputs : [];
  }, [doc, functions, step]);
  const [chosen, setChosen] = useState<string | null>(output ?? (outputs.length === 1 ? outputs[0].id : null));
  const targets = useTargets(from, to);

  if (chosen === null && outputs.length > 1) {
    const choices = outputs.map(port => ({
      key: port.id,
      label: port.name ?? t('Any output'),
      detail: port.detail,
      kind: port.detail || 'file'
    }));
    return (
      <Picker
        key="outputs"
        label={t('Which output of %1?', from)}
        choices={choices}
        none=""
        style={style}
        onPick={choice => setChosen(choice.key)}
        onClose={onClose}
      />
    );
  }
  const named = chosen === null ? null : outputOf(chosen);
  return (
    <Picker
      key="targets"
      label={to === null ? t('Connect %1 to', named ? `${from}.${named}` : from) : t('Connect to which input of %1?', to)}
      choices={targets}
      none={t('There is no other step yet: add one first.')}
      style={style}
      onPick={target => onPick({ step: from, output: named }, { step: target.step, slot: target.slot })}
      onClose={onClose}
    />
  );
}

function useTargets(from: string, to: string | null): ITarget[] {
  const t = useT();
  const { doc, functions } = useEditor();
  return useMemo(() => {
    const edges = edgesOf(doc);
    const steps = doc.on_exit ? [...doc.steps, doc.on_exit] : doc.steps;
    const said: Record<Slot['field'], string> = {
      inputs: t('input'),
      params: t('param'),
      foreach: t('once per item'),
      after: t('order only'),
      when: '',
      sweep: ''
    };
    return steps
      .filter(step => (to === null ? step.name !== from : step.name === to))
      .flatMap(step => {
        const called = functions.get(functionOf(step) ?? '') ?? null;
        const why = refusalText(refused(edges, from, step.name), t);
        return openSlots(step, called).map(slot => ({
          key: `${step.name}.${slot.field}.${slot.name ?? ''}`,
          label: slot.name === null ? t('after: %1', step.name) : to === null ? `${step.name}.${slot.name}` : slot.name,
          detail: said[slot.field],
          kind: tileOf(step, called),
          refused: why,
          step: step.name,
          slot
        }));
      });
  }, [doc, functions, from, to, t]);
}
