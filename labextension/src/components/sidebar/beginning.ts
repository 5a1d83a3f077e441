/** New things, and first steps. */
import type { IWorkbench } from './workbench';
import { EXAMPLE, EXAMPLE_WORKFLOW, nameProblem } from '../../model/forms/names';

/** Ask for a name, and make an empty workflow of that name. */
export async function newWorkflow(bench: IWorkbench): Promise<void> {
  const { backend, host } = bench;
  const { t } = host;
  const name = await host.ask({
    title: t('New workflow'),
    label: t('Name'),
    value: 'my_workflow',
    accept: t('Create'),
    check: text => nameProblem(text, t)
  });
  if (name === null) {
    return;
  }
  try {
    await backend.call('workflows.save', { name, yaml: `name: ${name}\nsteps: {}\n`, etag: null });
    host.openWorkflow(name);
  } catch (error) {
    host.notify((error as Error).message, 'error');
  }
}

export function newFunction({ place }: IWorkbench): void {
  place.makeFunction();
}

/** Two Functions and the workflow of them, that run anywhere: to see how it all looks. */
export async function makeExample(bench: IWorkbench): Promise<void> {
  const { backend, host } = bench;
  try {
    for (const example of EXAMPLE) {
      await backend.call('functions.define', example);
    }
    await backend.call('workflows.save', EXAMPLE_WORKFLOW);
    host.openWorkflow(EXAMPLE_WORKFLOW.name);
  } catch (error) {
    host.notify((error as Error).message, 'error');
  }
}
