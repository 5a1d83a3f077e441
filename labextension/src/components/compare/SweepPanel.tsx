import { Loading } from '../ui';

/** A sweep's iterations: parallel coordinates and ranking. */
export function SweepPanel(_props: { run: string }) {
  return <Loading />;
}
