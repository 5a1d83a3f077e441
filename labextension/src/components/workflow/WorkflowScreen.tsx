import type { IWorkflowFile } from '../../model/file';
import { Loading } from '../ui';

export function WorkflowScreen(_props: { name: string; file: IWorkflowFile }) {
  return <Loading />;
}
