/** The bar above the workflow: what it is, how it's shown, what can be done. */
import {
  Braces,
  CircleCheck,
  ChartNoAxesGantt,
  LayoutDashboard,
  Network,
  Plus,
  Redo2,
  Search,
  Table2,
  Undo2
} from 'lucide-react';
import { useHost, useT } from '../surroundings';
import { Button, IconButton, Tabs } from '../ui';
import { isUnread, useEditor } from './context';
import { RunButton } from './RunButton';
import type { IRunning } from './useRunning';
import { stepCount } from './words';

export type View = 'graph' | 'timeline' | 'code' | 'table';

interface IToolbarProps {
  view: View;
  onView(view: View): void;
  running: IRunning;
  onTidy(): void;
  onPalette(): void;
  onSearch(): void;
}

export function Toolbar({ view, onView, running, onTidy, onPalette, onSearch }: IToolbarProps) {
  const t = useT();
  const embedded = useHost().place === 'cell';
  const editor = useEditor();
  const { file, doc, readonly, undo, redo, undoes, redoes } = editor;
  const unread = isUnread(editor);
  return (
    <div className="jmo-bar jmo-workflow-bar" role="toolbar" aria-label={t('Workflow %1', file.name)}>
      <Network size={15} className="jmo-workflow-sign" aria-hidden />
      <h2 className="jmo-title jmo-clip" title={doc.description || undefined}>
        {file.name}
      </h2>
      {unread ? null : <span className="jmo-tag">{stepCount(doc.steps.length, t)}</span>}
      <Saved save={running.save} />
      <span className="jmo-spacer" />
      <Tabs<View>
        look="segments"
        label={t('View')}
        value={view}
        onChange={onView}
        tabs={[
          { key: 'graph', label: t('Graph'), icon: Network },
          { key: 'timeline', label: t('Timeline'), icon: ChartNoAxesGantt },
          { key: 'code', label: t('Code'), icon: Braces },
          { key: 'table', label: t('Table'), icon: Table2 }
        ]}
      />
      <span className="jmo-spacer" />
      {readonly ? null : (
        <>
          <IconButton icon={Undo2} label={undoes ? t('Undo: %1', undoes) : t('Undo')} disabled={undoes === null} onClick={undo} />
          <IconButton icon={Redo2} label={redoes ? t('Redo: %1', redoes) : t('Redo')} disabled={redoes === null} onClick={redo} />
        </>
      )}
      {view === 'graph' && !embedded && !unread ? (
        <IconButton icon={Search} label={t('Find a step (Ctrl+F)')} onClick={onSearch} />
      ) : null}
      {readonly || unread ? null : (
        <>
          <span className="jmo-divider" />
          {view === 'graph' ? (
            <Button icon={LayoutDashboard} onClick={onTidy} title={t('Lay the graph out')}>
              {t('Tidy')}
            </Button>
          ) : null}
          <Button icon={Plus} onClick={onPalette} title={t('Add a step')}>
            {t('Step')}
          </Button>
          <RunButton running={running} />
        </>
      )}
    </div>
  );
}

function Saved({ save }: { save(): void }) {
  const t = useT();
  const { file, readonly } = useEditor();
  if (readonly) {
    return <span className="jmo-saved">{t('Read-only')}</span>;
  }
  return (
    <span className="jmo-saved" data-dirty={file.dirty} role="status">
      {file.dirty ? (
        <button type="button" className="jmo-link" title={t('Save (Ctrl+S)')} onClick={save}>
          {t('Unsaved')}
        </button>
      ) : (
        <>
          <CircleCheck size={12} aria-hidden /> {t('Saved')}
        </>
      )}
    </span>
  );
}
