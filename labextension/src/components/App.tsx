/** One screen, in whatever place: the backend and the host differ, the components don't. */
import { Component, lazy, Suspense, type ReactNode } from 'react';
import type { IBackend } from '../model/backend';
import type { IHost } from '../model/host';
import type { Screen } from '../model/screens';
import { Provide } from './surroundings';
import { ConnectionNotice, Loading, Problem } from './ui';

// each is fetched when it is first shown
const Sidebar = lazy(() => import('./sidebar/Sidebar').then(m => ({ default: m.Sidebar })));
const RunForm = lazy(() => import('./forms/RunForm').then(m => ({ default: m.RunForm })));
const RunsScreen = lazy(() => import('./runs/RunsScreen').then(m => ({ default: m.RunsScreen })));
const RunScreen = lazy(() => import('./run/RunScreen').then(m => ({ default: m.RunScreen })));
const CompareScreen = lazy(() => import('./compare/CompareScreen').then(m => ({ default: m.CompareScreen })));
const WorkflowScreen = lazy(() => import('./workflow/WorkflowScreen').then(m => ({ default: m.WorkflowScreen })));
const ArtifactsScreen = lazy(() => import('./artifacts/ArtifactsScreen').then(m => ({ default: m.ArtifactsScreen })));
const ArtifactScreen = lazy(() => import('./artifacts/ArtifactScreen').then(m => ({ default: m.ArtifactScreen })));

export interface IAppProps {
  backend: IBackend;
  host: IHost;
  screen: Screen;
}

export function App({ backend, host, screen }: IAppProps) {
  const embedded = host.place === 'cell';
  return (
    <Provide backend={backend} host={host}>
      <div
        className={`jmo-root jmo-place-${host.place}`}
        data-jp-suppress-context-menu="true"
        // In a notebook, command-mode keys (A, X, D D, arrows) would act on the cell while something of ours has the focus. Lab's
        // selectors match the focused element itself, so the attribute must be on it: on an ancestor it isn't enough.
        onFocusCapture={embedded ? event => event.target.setAttribute('data-lm-suppress-shortcuts', 'true') : undefined}
      >
        <ConnectionNotice />
        <Guard>
          <Suspense fallback={<Loading />}>{shown(screen)}</Suspense>
        </Guard>
      </div>
    </Provide>
  );
}

function shown(screen: Screen): ReactNode {
  switch (screen.view) {
    case 'sidebar':
      return <Sidebar place={screen.place} />;
    case 'runs':
      return <RunsScreen query={screen.query} />;
    case 'run':
      return <RunScreen run={screen.run} />;
    case 'compare':
      return <CompareScreen runs={screen.runs} />;
    case 'workflow':
      return <WorkflowScreen name={screen.name} file={screen.file} />;
    case 'artifacts':
      return <ArtifactsScreen />;
    case 'artifact':
      return <ArtifactScreen uid={screen.uid} />;
    case 'form':
      return <RunForm target={screen.target} given={screen.given} onDone={screen.onDone} />;
  }
}

/** A fault in one screen says so there, instead of emptying the whole panel. */
class Guard extends Component<{ children: ReactNode }, { error: Error | null }> {
  state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  render() {
    return this.state.error ? (
      <Problem error={this.state.error} retry={() => this.setState({ error: null })} />
    ) : (
      this.props.children
    );
  }
}
