import { Loading } from '../ui';

export function Sidebar() {
  return <Loading />;
}
