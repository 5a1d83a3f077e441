/** The panel in a cell: one screen at a time, with a way back. */
import { useEffect, useMemo, useReducer, useRef } from 'react';
import type { IBackend } from '../../model/backend';
import { back, begin, forward, go, samePlace, type IPlace, type ITrail, type Stop } from '../../model/panel/trail';
import { FRAME, leaveState, type IDraft, type ILeft, type IOuter } from '../../model/panel/frame';
import type { Screen } from '../../model/screens';
import { App } from '../App';
import { Provide } from '../surroundings';
import { Loading, Problem } from '../ui';
import { Bar } from './Bar';
import { Dialogs } from './dialogs';
import { CellHost } from './host';
import { useWorkflowFile } from './useWorkflowFile';

export interface ICellProps {
  backend: IBackend;
  /** Where it begins; another value leads there. */
  place: IPlace;
  /** A workflow's text that isn't saved, as Python has it. */
  draft?: IDraft | null;
  /** Says what is shown now, so that Python knows. */
  onPlace?(place: IPlace): void;
  onChosen?(runs: string[]): void;
  onDraft?(draft: IDraft | null): void;
  /** What a panel that went away left of a workflow. */
  take?(workflow: string): ILeft | null;
  /** What Lab adds to the cell. */
  outer?: IOuter;
  /** Of a snapshot: from when it is. */
  saved?: string;
  /** Of a snapshot that could be live, but for the asking. */
  onLive?(): void;
}

const nothing = (): null => null;

type Step = { to: Stop } | 'back' | 'forward';

const walk = (trail: ITrail, step: Step): ITrail =>
  step === 'back' ? back(trail) : step === 'forward' ? forward(trail) : go(trail, step.to);

export function CellApp({ backend, place, draft = null, onPlace, onChosen, onDraft, take, outer, saved, onLive }: ICellProps) {
  const [trail, step] = useReducer(walk, place, begin);
  const heard = useRef({ onPlace, onChosen, onDraft });
  heard.current = { onPlace, onChosen, onDraft };
  const host = useMemo(
    () => new CellHost({ go: to => step({ to }), chosen: runs => heard.current.onChosen?.(runs) }, outer),
    [outer]
  );
  const { now } = trail;

  const told = useRef<IPlace>(place);
  useEffect(() => {
    if (!samePlace(place, told.current)) {
      told.current = place;
      step({ to: place });
    }
  }, [place]);
  useEffect(() => {
    if (now.view !== 'form') {
      told.current = now;
      heard.current.onPlace?.(now);
    }
  }, [now]);

  const name = now.view === 'workflow' ? now.target[0] : null;
  const { file, error, retry } = useWorkflowFile(
    backend,
    host,
    name,
    draft,
    left => heard.current.onDraft?.(left),
    take ?? nothing
  );
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => leaveState(frame.current, { place: told.current, draft: file?.dirty ? file.text : '', etag: file?.base }));
  const screen = screenOf(now, file, host, () => step('back'));
  return (
    <Provide backend={backend} host={host}>
      <div
        ref={frame}
        className={`${FRAME} jmo-root`}
        data-jp-suppress-context-menu="true"
        // as in App: the notebook's keys must not act on the cell
        onFocusCapture={event => event.target.setAttribute('data-lm-suppress-shortcuts', 'true')}
      >
        <Bar trail={trail} onStep={step} saved={saved} onLive={onLive} />
        <div className="jmo-cell-screen">
          {screen ? (
            <App key={JSON.stringify([now.view, now.target])} backend={backend} host={host} screen={screen} />
          ) : error ? (
            <Problem error={error} retry={retry} />
          ) : (
            <Loading />
          )}
        </div>
        <Dialogs host={host} />
      </div>
    </Provide>
  );
}

function screenOf(now: Stop, file: ReturnType<typeof useWorkflowFile>['file'], host: CellHost, leave: () => void): Screen | null {
  const [first] = now.target;
  switch (now.view) {
    case 'runs':
      return { view: 'runs', query: first };
    case 'run':
      return { view: 'run', run: first };
    case 'compare':
      return { view: 'compare', runs: now.target };
    case 'workflow':
      return file && file.name === first ? { view: 'workflow', name: first, file } : null;
    case 'artifacts':
      return { view: 'artifacts' };
    case 'artifact':
      return { view: 'artifact', uid: first };
    case 'form':
      return {
        view: 'form',
        target: first,
        given: now.given,
        onDone: run => (run === null ? leave() : host.openRun(run))
      };
  }
}
