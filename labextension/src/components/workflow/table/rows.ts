/** The workflow as rows: steps in an order in which each comes behind all it needs. */
import type { IStepLine, IVerdict } from '../../../model/contract';
import type { IStep, IWorkflowDoc } from '../../../model/workflow/document';
import { edgesOf, ranks, type IEdge } from '../../../model/workflow/graph';
import type { ILiveRun } from '../../../model/workflow/live';

export interface INeed {
  /** `data ← raw.data`; of order alone just the step. */
  text: string;
  edge: IEdge;
}

export interface IRow {
  step: IStep;
  needs: INeed[];
  line: IStepLine | null;
  verdict: IVerdict | null;
  problems: number;
}

export function rowsOf(
  doc: IWorkflowDoc,
  live: ILiveRun | null,
  verdicts: ReadonlyMap<string, IVerdict>,
  problems: readonly { step: string | null }[]
): IRow[] {
  const edges = edgesOf(doc);
  const rank = ranks(doc, edges);
  const steps = [...doc.steps, ...(doc.on_exit ? [doc.on_exit] : [])];
  return steps
    .map((step, at) => ({ step, at }))
    .sort((one, other) => (rank.get(one.step.name) ?? 0) - (rank.get(other.step.name) ?? 0) || one.at - other.at)
    .map(({ step }) => ({
      step,
      needs: edges.filter(edge => edge.target === step.name).map(edge => ({ text: needText(edge), edge })),
      line: live?.byName.get(step.name) ?? null,
      verdict: verdicts.get(step.name) ?? null,
      problems: problems.filter(problem => problem.step === step.name).length
    }));
}

function needText({ source, output, slot }: IEdge): string {
  const from = output === null ? source : `${source}.${output}`;
  return slot.name === null ? from : `${slot.name} ← ${from}`;
}
