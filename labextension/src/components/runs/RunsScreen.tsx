import { Loading } from '../ui';

export function RunsScreen(_props: { query?: string }) {
  return <Loading />;
}
