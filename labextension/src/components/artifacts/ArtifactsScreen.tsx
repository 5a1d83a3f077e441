import { Loading } from '../ui';

export function ArtifactsScreen() {
  return <Loading />;
}
