/** The params and inputs of a step, as what it calls declares them. */
import { useMemo, useState } from 'react';
import type { Value } from '../../../model/contract';
import type { IStep } from '../../../model/workflow/document';
import { setItem } from '../../../model/workflow/edits';
import { useAnswer } from '../../answers';
import { useT } from '../../surroundings';
import { useEditor } from '../context';
import { artifactOptions, references, type IOption } from './options';
import { problemOf } from './problems';
import { useCallee } from './useCallee';
import { ValueEntry } from './ValueEntry';

export function useReferences(step: string): IOption[] {
  const t = useT();
  const { doc, functions, live } = useEditor();
  return useMemo(() => references(step, { doc, functions, live }, t), [step, doc, functions, live, t]);
}

export function ParamFields({ step }: { step: IStep }) {
  const t = useT();
  const { edit, problems, readonly } = useEditor();
  const { parameters, inputs, known } = useCallee(step);
  const options = useReferences(step.name);
  const declared = new Set([...parameters, ...inputs].map(each => each.name));
  const others = Object.keys(step.params).filter(name => !declared.has(name));
  const set = (name: string, value: Value | undefined, merge?: string) =>
    edit(t('Set %1 of %2', name, step.name), text => setItem(text, step.name, 'params', name, value ?? null), merge);
  if (parameters.length + others.length === 0) {
    return <p className="jmo-muted">{known ? t('It has no parameters.') : t('What it takes is not known.')}</p>;
  }
  return (
    <>
      {parameters
        .filter(({ name }) => !(name in step.foreach))
        .map(parameter => (
          <ValueEntry
            key={`${step.name} ${parameter.name}`}
            label={parameter.name}
            type={parameter.hint}
            required={parameter.default === null}
            help={parameter.help}
            error={problemOf(problems, step.name, 'params', parameter.name)}
            control={parameter.control}
            choices={parameter.choices}
            fallback={parameter.control === 'str' ? unquoted(parameter.value, parameter.default) : parameter.default}
            value={step.params[parameter.name]}
            options={options}
            disabled={readonly}
            onSet={(value, merge) => set(parameter.name, value, merge)}
          />
        ))}
      {others.map(name => (
        <ValueEntry
          key={`${step.name} ${name}`}
          label={name}
          help={known ? t('It has no such parameter: empty it.') : undefined}
          error={problemOf(problems, step.name, 'params', name)}
          control="python"
          value={step.params[name]}
          options={options}
          disabled={readonly}
          onSet={(value, merge) => set(name, value, merge)}
        />
      ))}
    </>
  );
}

const unquoted = (value: Value, source: string | null): string | null => (typeof value === 'string' ? value : source);

export function InputFields({ step }: { step: IStep }) {
  const t = useT();
  const { edit, problems, readonly } = useEditor();
  const { inputs, parameters, known } = useCallee(step);
  const [asked, setAsked] = useState(false);
  const artifacts = useAnswer('artifacts.list', asked ? {} : null, {
    stale: event => event.type === 'changed' && event.what === 'artifacts'
  });
  const outputs = useReferences(step.name);
  const options = useMemo(
    () => [...outputs, ...artifactOptions(artifacts.value?.groups ?? [], t)],
    [outputs, artifacts.value, t]
  );
  const declared = new Set([...parameters, ...inputs].map(each => each.name));
  const others = Object.keys(step.inputs).filter(name => !declared.has(name));
  const all = [...inputs, ...others.map(name => ({ name, hint: null, default: null, required: false }))];
  return (
    <>
      {all
        .filter(({ name }) => !(name in step.foreach))
        .map(({ name, hint, required, default: fallback }) => (
          <ValueEntry
            key={`${step.name} ${name}`}
            input
            label={name}
            type={hint}
            required={required}
            help={known && others.includes(name) ? t('It has no such input: empty it.') : undefined}
            error={problemOf(problems, step.name, 'inputs', name)}
            control="str"
            fallback={required ? t('Output, artifact or path') : (fallback ?? t('None'))}
            value={step.inputs[name]}
            options={options}
            disabled={readonly}
            onOpen={() => setAsked(true)}
            onSet={(value, merge) =>
              edit(t('Set %1 of %2', name, step.name), text => setItem(text, step.name, 'inputs', name, value ?? null), merge)
            }
          />
        ))}
    </>
  );
}
