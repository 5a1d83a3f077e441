import { Loading } from '../../ui';

export function CodeView() {
  return <Loading />;
}
