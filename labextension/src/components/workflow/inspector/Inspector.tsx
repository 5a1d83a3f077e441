import { Loading } from '../../ui';

export function Inspector() {
  return <Loading />;
}
