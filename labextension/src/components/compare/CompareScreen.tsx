import { Loading } from '../ui';

export function CompareScreen(_props: { runs: string[] }) {
  return <Loading />;
}
