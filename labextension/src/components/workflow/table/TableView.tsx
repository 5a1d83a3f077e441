/** The workflow as a table: all that the graph can do, by keyboard and for screen readers. */
import { Plus } from 'lucide-react';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { addStep, type Called } from '../../../model/workflow/edits';
import { freshName } from '../../../model/workflow/names';
import type { Slot } from '../../../model/workflow/graph';
import { outputHandle } from '../../../model/workflow/ports';
import { connect, connectOrder } from '../../../model/workflow/wiring';
import { useHost, useT } from '../../surroundings';
import { Button, Empty } from '../../ui';
import { ConnectPicker } from '../ConnectPicker';
import { useEditor } from '../context';
import { useStepActions } from '../inspector/actions';
import { outputsOf } from '../inspector/options';
import { panel } from '../inspector/panel';
import { StepPalette } from '../StepPalette';
import { rowsOf } from './rows';
import { TableRow } from './TableRow';

/** What is open over the table, and for which step. */
type Opened = { what: 'palette'; behind: string | null } | { what: 'connect'; from: string } | null;

export function TableView() {
  const t = useT();
  const { doc, functions, live, verdicts, problems, selected, select, readonly } = useEditor();
  const [opened, setOpened] = useState<Opened>(null);
  const rows = useMemo(() => rowsOf(doc, live, verdicts, problems), [doc, live, verdicts, problems]);
  const grid = useRef<HTMLTableElement>(null);
  const actions = useStepActions();
  const { add, bind } = useTableEdits();
  const onlyOutput = (name: string) => {
    const step = doc.steps.find(each => each.name === name);
    const outputs = step ? outputsOf(step, { doc, functions, live }) : [];
    return outputs.length === 1 ? outputHandle({ output: outputs[0].key }) : null;
  };
  const current = Math.max(
    0,
    rows.findIndex(row => row.step.name === selected[0])
  );

  const go = (at: number) => {
    const row = rows[Math.min(Math.max(0, at), rows.length - 1)];
    if (row) {
      select([row.step.name]);
      grid.current?.querySelector<HTMLElement>(`tr[data-step="${row.step.name}"]`)?.focus();
    }
  };
  const inspect = (name: string) => {
    select([name]);
    panel.show(true, 'properties', true);
  };
  const onKey = (event: KeyboardEvent) => {
    const row = (event.target as Element).closest<HTMLElement>('tr[data-step]');
    if (row === null || event.target !== row || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const name = row.dataset.step as string;
    const at = rows.findIndex(each => each.step.name === name);
    const keys: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      Enter: () => inspect(name),
      ...(readonly
        ? {}
        : {
            F2: () => actions.askName(name),
            Delete: () => (go(at === rows.length - 1 ? at - 1 : at + 1), actions.remove([name])),
            a: () => setOpened({ what: 'palette', behind: name }),
            c: () => setOpened({ what: 'connect', from: name })
          })
    };
    if (event.key in keys) {
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]();
    }
  };
  return (
    <section className="jmo-steps" aria-label={t('Steps')}>
      {readonly ? null : (
        <div className="jmo-steps-bar">
          <Button icon={Plus} onClick={() => setOpened({ what: 'palette', behind: null })}>
            {t('Add a step')}
          </Button>
          <span className="jmo-muted">{t('Enter edits, A adds, C connects, F2 renames, Delete removes')}</span>
        </div>
      )}
      {opened?.what === 'palette' ? (
        <StepPalette
          style={{ top: 42, left: 12 }}
          onPick={called => (setOpened(null), add(called, opened.behind))}
          onClose={() => setOpened(null)}
        />
      ) : null}
      {opened?.what === 'connect' ? (
        <ConnectPicker
          from={opened.from}
          output={onlyOutput(opened.from)}
          style={{ top: 42, left: 12 }}
          onPick={(from, to) => (setOpened(null), void bind(from, to))}
          onClose={() => setOpened(null)}
        />
      ) : null}
      {rows.length === 0 ? (
        <Empty title={t('No steps yet')}>{t('Add the first: each calls one of your Functions.')}</Empty>
      ) : (
        <div className="jmo-steps-scroll">
          <table ref={grid} role="grid" aria-label={t('Steps of %1', doc.name)} aria-readonly={readonly} onKeyDown={onKey}>
            <thead>
              <tr>
                {[t('Step'), t('Calls'), t('Needs'), t('State'), t('Took'), t('Results'), t('Next run')].map(head => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
                <th scope="col">
                  <span className="jmo-sr">{t('Actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, at) => (
                <TableRow
                  key={row.step.name}
                  row={row}
                  selected={selected.includes(row.step.name)}
                  reachable={at === current}
                  onSelect={() => select([row.step.name])}
                  onEdit={() => inspect(row.step.name)}
                  onAdd={() => setOpened({ what: 'palette', behind: row.step.name })}
                  onConnect={() => setOpened({ what: 'connect', from: row.step.name })}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function useTableEdits() {
  const host = useHost();
  const { doc, edit, select } = useEditor();
  const { t } = host;
  return {
    add(called: Called, behind: string | null) {
      const taken = doc.steps.map(step => step.name);
      const name = freshName(taken, 'function' in called ? called.function : called.workflow);
      const added = edit(t('Add %1', name), text => {
        const more = addStep(text, name, called);
        return behind === null || behind === doc.on_exit?.name ? more : connectOrder(more, behind, name);
      });
      if (added) {
        select([name]);
      }
    },
    async bind(from: { step: string; output: string | null }, to: { step: string; slot: Slot }) {
      const label = t('Connect %1 with %2', from.step, to.step);
      if (to.slot.field === 'after') {
        edit(label, text => connectOrder(text, from.step, to.step));
        return;
      }
      const output =
        from.output ??
        (await host.ask({
          title: t('Which output of %1?', from.step),
          label: t('Name of the output'),
          accept: t('Connect'),
          check: text => (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(text) ? null : t('Write a name: letters, digits and _.'))
        }));
      if (output !== null) {
        edit(label, text => connect(text, { step: from.step, output }, to));
      }
    }
  };
}
