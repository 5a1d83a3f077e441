/** What a field of a step can refer to. */
import type { IArtifactGroup, IFunction, IReturn } from '../../../model/contract';
import type { IHost } from '../../../model/host';
import { functionOf, ON_EXIT, type IStep, type IWorkflowDoc } from '../../../model/workflow/document';
import { edgesOf, waitingFor } from '../../../model/workflow/graph';
import type { ILiveRun } from '../../../model/workflow/live';
import { reference } from '../../../model/workflow/values';

export interface IOption {
  value: string;
  label: string;
  /** Options of a group stand together under its name. */
  group: string;
  /** Of its sign; null has none. */
  kind: string | null;
}

export interface IKnown {
  doc: IWorkflowDoc;
  functions: ReadonlyMap<string, IFunction>;
  live: ILiveRun | null;
}

/** Declared outputs; of a Function that declares none, those that its last run gave. */
export function outputsOf(step: IStep, { functions, live }: IKnown): IReturn[] {
  const declared = functions.get(functionOf(step) ?? '')?.returns ?? [];
  const given = Object.keys(live?.byName.get(step.name)?.results ?? {});
  return declared.length ? declared : given.map(key => ({ key, kind: 'result' }));
}

/** Parameters of the workflow, and outputs of steps that don't wait for this one. */
export function references(step: string, known: IKnown, t: IHost['t']): IOption[] {
  const waiting = waitingFor(edgesOf(known.doc), step);
  const params = known.doc.params.map(({ name }) => ({
    value: reference('params', name),
    label: name,
    group: t('Parameters of the workflow'),
    kind: null
  }));
  const run = ['state', 'reason', 'failed'].map(key => ({
    value: reference('run', key),
    label: `run.${key}`,
    group: t('The run that ends'),
    kind: null
  }));
  const outputs = known.doc.steps
    .filter(({ name }) => step === ON_EXIT || !waiting.has(name))
    .flatMap(source =>
      outputsOf(source, known).map(({ key, kind }) => ({
        value: reference(source.name, key),
        label: `${source.name}.${key}`,
        group: t('Outputs of steps'),
        kind: kind ?? 'source'
      }))
    );
  return [...(step === ON_EXIT ? run : []), ...params, ...outputs];
}

/** The newest version of each, and of each tag. */
export function artifactOptions(groups: readonly IArtifactGroup[], t: IHost['t']): IOption[] {
  return groups.flatMap(({ key, kind, latest, tags }) => {
    const uri = latest.uri.replace(/\^.*$/, '');
    const made = (value: string, label: string): IOption => ({ value, label, group: t('Artifacts'), kind });
    return [made(uri, key), ...tags.filter(tag => tag !== 'latest').map(tag => made(`${uri}:${tag}`, `${key}:${tag}`))];
  });
}

/** A typed text that isn't among the options but could be one: `step.output`, or for inputs a path. */
export function ownOption(query: string, files: boolean, t: IHost['t']): IOption | null {
  const text = query.trim();
  const named = /^([a-z][a-z0-9_]*)\.([A-Za-z_]\w*)$/.exec(text);
  const group = t('As typed');
  if (files && /[/\\]|\.[a-z0-9]{2,7}$|^store:/i.test(text)) {
    return { value: text, label: text, group, kind: 'file' };
  }
  return named ? { value: reference(named[1], named[2]), label: text, group, kind: 'source' } : null;
}
