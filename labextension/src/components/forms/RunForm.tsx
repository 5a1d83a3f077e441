import type { IGiven } from '../../model/host';
import { Loading } from '../ui';

export function RunForm(_props: { target: string; given?: IGiven; onDone?(run: string | null): void }) {
  return <Loading />;
}
