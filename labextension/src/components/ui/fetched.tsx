/** Components whose code is fetched when they are first shown; where it doesn't come, it is said, and tried again. */
import { Component, lazy, useMemo, useReducer, type ComponentType, type ReactNode } from 'react';
import { Unreachable, type IBackend } from '../../model/backend';
import type { IHost } from '../../model/host';
import { useBackend, useHost } from '../surroundings';
import { Problem } from './feedback';

type Shown<P> = (props: P) => JSX.Element | null;

/** Like `lazy`, but a failure isn't for ever: the server may be back in a moment. */
export function fetched<P extends object>(load: () => Promise<{ default: Shown<P> }>): (props: P) => JSX.Element {
  const code = () =>
    load().catch(() => {
      throw new Unreachable('code');
    });
  const attempt = () => lazy(code) as unknown as ComponentType<P>;
  let latest = attempt();
  return function Fetched(props) {
    const backend = useBackend();
    const host = useHost();
    const [turn, again] = useReducer((count: number) => count + 1, 0);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- another turn has another
    const Found = useMemo(() => latest, [turn]);
    const retry = () => {
      latest = attempt();
      again();
    };
    return (
      <Failing key={turn} backend={backend} host={host} retry={retry}>
        <Found {...props} />
      </Failing>
    );
  };
}

interface IFailingProps {
  backend: IBackend;
  host: IHost;
  retry(): void;
  children: ReactNode;
}

/** Catches only that the code didn't come: what goes wrong in it is for whoever is around. */
class Failing extends Component<IFailingProps, { error: Error | null }> {
  state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  componentDidCatch(): void {
    this.off = this.props.backend.onConnection(state => state === 'connected' && this.props.retry());
  }

  componentWillUnmount(): void {
    this.off();
  }

  render() {
    const { error } = this.state;
    const { t } = this.props.host;
    if (error === null) {
      return this.props.children;
    }
    if (!(error instanceof Unreachable)) {
      throw error;
    }
    const text = t(
      'This part of the page couldn’t be fetched. When the server is there again, it comes by itself; else reload the page.'
    );
    return <Problem error={text} retry={this.props.retry} />;
  }

  private off: () => void = () => undefined;
}
