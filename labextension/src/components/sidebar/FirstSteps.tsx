/** Ways to begin, where there is nothing yet. */
import { FileCog, FolderPlus, FolderSearch, Network, Play, RefreshCw, SquareFunction, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import type { Refusal } from '../../model/backend';
import type { ISidebarPlace } from '../../model/sidebar';
import { useT } from '../surroundings';
import { Button } from '../ui';
import type { IWorkbench } from './workbench';
import { makeExample, newWorkflow } from './beginning';

/** An empty project: three ways, each one click. */
export function FirstSteps({ bench }: { bench: IWorkbench }) {
  const t = useT();
  const [busy, setBusy] = useState(false);
  const { place } = bench;
  const example = () => {
    setBusy(true);
    void makeExample(bench).finally(() => setBusy(false));
  };
  return (
    <section className="jmo-first" aria-label={t('First steps')}>
      <h3>{t('Begin here')}</h3>
      <Way
        icon={Play}
        title={t('Try an example')}
        text={t('Two small Functions in a workflow, ready to run.')}
        onClick={example}
        disabled={busy}
      />
      <Way
        icon={SquareFunction}
        title={place.hasNotebook ? t('Make the active cell a Function') : t('Write a Function')}
        text={
          place.hasNotebook
            ? t('Its parameters and what it needs are found for you.')
            : t('A new notebook, with a cell to begin from.')
        }
        onClick={() => place.makeFunction()}
      />
      <Way
        icon={Network}
        title={t('Draw a workflow')}
        text={t('An empty canvas, for the steps to come.')}
        onClick={() => void newWorkflow(bench)}
      />
    </section>
  );
}

/** No project at all. */
export function NoProject({ place }: { place: ISidebarPlace }) {
  const t = useT();
  return (
    <section className="jmo-first" aria-label={t('First steps')}>
      <h3>{t('No project here yet')}</h3>
      <p className="jmo-muted">{t('A project is a folder that keeps Functions, workflows, runs and artifacts.')}</p>
      <Way
        icon={FolderPlus}
        title={t('Create a project')}
        text={t('A new folder, beside your files.')}
        onClick={() => place.newProject()}
      />
      <Way
        icon={FolderSearch}
        title={t('Open a folder')}
        text={t('A project that is there, or a folder to make one of.')}
        onClick={() => place.openFolder()}
      />
    </section>
  );
}

/** The page was installed, and the server's half of it not. */
export function Missing({ place }: { place: ISidebarPlace }) {
  const t = useT();
  return (
    <section className="jmo-first" aria-label={t('The server part is missing')}>
      <h3>{t('The server part is missing')}</h3>
      <p className="jmo-muted">
        {t(
          'This server doesn’t answer for MLOps. Install jupyter-mlops where JupyterLab runs, enable it, and restart JupyterLab:'
        )}
      </p>
      <pre className="jmo-log">{'pip install jupyter-mlops\njupyter server extension enable jupyter_mlops'}</pre>
      <Button icon={RefreshCw} onClick={() => place.refresh()}>
        {t('Try again')}
      </Button>
    </section>
  );
}

/** The project's folder is gone, or its settings can't be read. */
export function Unreadable({ bench, error, retry }: { bench: IWorkbench; error: Refusal; retry(): void }) {
  const t = useT();
  const { host, place } = bench;
  const settings = `${place.chosen ? `${place.chosen}/` : ''}project.yaml`;
  const gone = error.status === 404;
  return (
    <section className="jmo-first" aria-label={t('Project')}>
      <h3>{gone ? t('This project is gone') : t('This project can’t be read')}</h3>
      <p className="jmo-muted" role="alert">
        {error.message}
      </p>
      <div className="jmo-first-acts">
        {!gone && error.status < 409 && host.openFile ? (
          <Button icon={FileCog} onClick={() => host.openFile?.(settings)}>
            {t('Open project.yaml')}
          </Button>
        ) : null}
        <Button icon={RefreshCw} onClick={retry}>
          {t('Try again')}
        </Button>
      </div>
    </section>
  );
}

function Way(props: { icon: LucideIcon; title: string; text: string; onClick(): void; disabled?: boolean }) {
  const Glyph = props.icon;
  return (
    <button type="button" className="jmo-way" onClick={props.onClick} disabled={props.disabled}>
      <span className="jmo-kind-icon jmo-kind-workflow" aria-hidden>
        <Glyph size={15} strokeWidth={2} />
      </span>
      <span className="jmo-row-two">
        <strong>{props.title}</strong>
        <span className="jmo-row-sub">{props.text}</span>
      </span>
    </button>
  );
}
