import { Loading } from '../../ui';

export function TableView() {
  return <Loading />;
}
