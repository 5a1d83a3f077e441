import { Loading } from '../ui';

export function ArtifactScreen(_props: { uid: string }) {
  return <Loading />;
}
