/** One screen, in whatever place: the backend and the host differ, the components don't. */
import { Component, Suspense, type ReactNode } from 'react';
import type { IBackend } from '../model/backend';
import type { IHost } from '../model/host';
import type { Screen } from '../model/screens';
import { code } from './screens';
import { Provide } from './surroundings';
import { ConnectionNotice, fetched, Loading, Problem } from './ui';

const Sidebar = fetched(code.sidebar);
const RunForm = fetched(code.form);
const RunsScreen = fetched(code.runs);
const RunScreen = fetched(code.run);
const CompareScreen = fetched(code.compare);
const WorkflowScreen = fetched(code.workflow);
const ArtifactsScreen = fetched(code.artifacts);
const ArtifactScreen = fetched(code.artifact);

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
