/** What a new step may call: the project's Functions and other workflows. */
import { useMemo, type CSSProperties } from 'react';
import type { Called } from '../../model/workflow/edits';
import { tileOf } from '../../model/workflow/ports';
import { useT } from '../surroundings';
import { useEditor } from './context';
import { Picker, type IChoice } from './Picker';

interface IOffer extends IChoice {
  called: Called;
}

export function StepPalette(props: { style?: CSSProperties; onPick(called: Called): void; onClose(): void }) {
  const t = useT();
  const { functions, workflows, ready, file } = useEditor();
  const offers = useMemo<IOffer[]>(
    () => [
      ...[...functions.values()].map(found => ({
        key: `f:${found.name}`,
        label: found.name,
        detail: found.description,
        kind: found.problem ? 'function' : tileOf(NOTHING, found),
        refused: found.problem ?? null,
        called: { function: found.name }
      })),
      ...workflows
        .filter(found => found.name !== file.name)
        .map(found => ({
          key: `w:${found.name}`,
          label: found.name,
          detail: found.description || t('Workflow'),
          kind: 'workflow',
          refused: found.problem ?? null,
          called: { workflow: found.name }
        }))
    ],
    [functions, workflows, file.name, t]
  );
  return (
    <Picker
      label={t('Add a step')}
      choices={offers}
      loading={!ready}
      none={t('No Functions yet: write %%mlfunction above a cell, or drop a notebook here.')}
      style={props.style}
      onPick={offer => props.onPick(offer.called)}
      onClose={props.onClose}
    />
  );
}

const NOTHING = { workflow: null } as Parameters<typeof tileOf>[0];
