import { Loading } from '../ui';

export function RunScreen(_props: { run: string }) {
  return <Loading />;
}
