/** What a form is for: a Function or a workflow, and what it takes. */
import { useEffect, useState } from 'react';
import type { IBackend } from '../../model/backend';
import type { IFunction, IInput } from '../../model/contract';
import { fieldOf, workflowField, type IField } from '../../model/forms/fields';
import { functionKind } from '../../model/tree/kind';
import { useBackend } from '../surroundings';

export interface ITarget {
  name: string;
  description: string;
  kind: string;
  fields: IField[];
  inputs: IInput[];
  /** Names of results, to choose what is best of a sweep. */
  results: string[];
  /** Of a workflow. */
  steps: string[] | null;
}

/** A Function or a workflow: a name means one of them. */
export function useTarget(name: string) {
  const backend = useBackend();
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ found: ITarget | null; error: Error | null }>({ found: null, error: null });
  useEffect(() => {
    let gone = false;
    find(backend, name).then(
      found => gone || setState({ found, error: null }),
      (error: Error) => gone || setState({ found: null, error })
    );
    return () => {
      gone = true;
    };
  }, [backend, name, turn]);
  const failed = state.error !== null;
  useEffect(
    () => (failed ? backend.onConnection(now => now === 'connected' && setTurn(last => last + 1)) : undefined),
    [backend, failed]
  );
  return { ...state, retry: () => setTurn(turn + 1) };
}

async function find(backend: IBackend, name: string): Promise<ITarget> {
  if (/[@:]/.test(name)) {
    return asTarget(await backend.call('functions.get', { name })); // a version of it
  }
  const { functions } = await backend.call('functions.list', {});
  const found = functions.find(each => each.name === name);
  if (found?.problem) {
    throw new Error(found.problem);
  }
  return found ? asTarget(found) : readWorkflow(name, (await backend.call('workflows.get', { name })).yaml);
}

function asTarget(of: IFunction): ITarget {
  return {
    name: of.name,
    description: of.description,
    kind: functionKind(of),
    fields: of.parameters.map(fieldOf),
    inputs: of.inputs,
    results: of.returns.filter(({ kind }) => kind === null || kind === 'result').map(({ key }) => key),
    steps: null
  };
}

/** What reads YAML is fetched only for workflows. */
async function readWorkflow(name: string, yaml: string): Promise<ITarget> {
  const { read } = await import('../../model/workflow/document');
  const { doc, problem } = read(yaml);
  if (doc === null) {
    throw new Error(problem.line === null ? problem.text : `${problem.text} (line ${problem.line})`);
  }
  return {
    name,
    description: doc.description,
    kind: 'workflow',
    fields: doc.params.map(workflowField),
    inputs: [],
    results: [],
    steps: doc.steps.map(step => step.name)
  };
}
