/** The latest run of a workflow as it is now: read once, then patched by events. */
import type { IRunRow, IStepLine } from '../contract';

export interface ILiveRun {
  run: IRunRow;
  /** In the order of the workflow's steps as that run had them. */
  steps: IStepLine[];
  byName: ReadonlyMap<string, IStepLine>;
  /** Whether `resume` can go on with it. */
  resumable: boolean;
}
