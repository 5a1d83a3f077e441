/** Saved views: a query with its order, groups and columns under a name. */
import { Bookmark, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { IView } from '../../model/contract';
import { AS_USUAL } from '../../model/runs/columns';
import { asView, differs, fromView, NEWEST, type ISettings } from '../../model/runs/views';
import { useAnswer } from '../answers';
import { useBackend, useHost, useReadonly, useT } from '../surroundings';
import { Button, IconButton, WithPopover } from '../ui';

export function ViewsMenu({ settings, onSettings }: { settings: ISettings; onSettings(settings: ISettings): void }) {
  const t = useT();
  const host = useHost();
  const backend = useBackend();
  const readonly = useReadonly();
  const found = useAnswer('views.list', {}, { stale: event => event.type === 'changed' && event.what === 'project' });
  const [given, setGiven] = useState<IView[] | null>(null);
  const [name, setName] = useState<string | null>(null);
  const views = given ?? found.value?.views ?? [];
  const current = views.find(view => view.name === name) ?? null;
  const changed = current !== null && differs(current, settings);

  const keep = (work: Promise<{ views: IView[] }>, then: string | null): void =>
    void work.then(
      answer => {
        setGiven(answer.views);
        setName(then);
      },
      (error: Error) => host.notify(error.message, 'error')
    );
  const save = (as: string): void => keep(backend.call('views.save', { view: asView(as, settings) }), as);
  const saveAs = async (): Promise<void> => {
    const said = await host.ask({
      title: t('Save this view'),
      label: t('Name'),
      accept: t('Save'),
      check: text => (text.trim() === '' ? t('A view needs a name.') : null)
    });
    if (said !== null) {
      save(said.trim());
    }
  };
  const take = (view: IView | null): void => {
    setName(view?.name ?? null);
    const plain: ISettings = {
      query: '',
      sort: NEWEST,
      group: 'tree',
      columns: { ...settings.columns, shown: null, pinned: AS_USUAL.pinned }
    };
    onSettings(view ? fromView(view, settings) : plain);
  };
  return (
    <WithPopover
      label={t('Views')}
      className="jmo-runs-views"
      align="left"
      button={button => (
        <Button icon={Bookmark} aria-pressed={current !== null} {...button}>
          {current?.name ?? t('Views')}
          {changed ? <span title={t('Changed')}>•</span> : null}
        </Button>
      )}
    >
      {close => (
        <>
          <ul>
            {[null, ...views].map(view => (
              <li key={view?.name ?? ''}>
                <button
                  type="button"
                  className="jmo-runs-view"
                  aria-current={view === current}
                  onClick={() => {
                    take(view);
                    close();
                  }}
                >
                  <span className="jmo-clip">{view?.name ?? t('All runs')}</span>
                  <span className="jmo-muted jmo-mono jmo-clip">{view?.query}</span>
                </button>
                {view && !readonly ? (
                  <IconButton
                    icon={Trash2}
                    label={t('Delete the view %1', view.name)}
                    onClick={() => keep(backend.call('views.delete', { name: view.name }), view === current ? null : name)}
                  />
                ) : null}
              </li>
            ))}
          </ul>
          {readonly ? null : (
            <footer>
              {changed ? <Button onClick={() => save(current.name)}>{t('Update %1', current.name)}</Button> : null}
              <Button
                onClick={() => {
                  close();
                  void saveAs();
                }}
              >
                {t('Save as…')}
              </Button>
            </footer>
          )}
          {found.error && !found.value ? <p className="jmo-field-error">{found.error.message}</p> : null}
        </>
      )}
    </WithPopover>
  );
}
