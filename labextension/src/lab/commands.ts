/** The names of our commands. */
export const Commands = {
  show: 'jupyter-mlops:show-sidebar',
  openRuns: 'jupyter-mlops:open-runs',
  openRun: 'jupyter-mlops:open-run',
  compare: 'jupyter-mlops:compare-runs',
  openWorkflow: 'jupyter-mlops:open-workflow',
  openArtifact: 'jupyter-mlops:open-artifact',
  openArtifacts: 'jupyter-mlops:open-artifacts',
  openForm: 'jupyter-mlops:open-form',
  reopen: 'jupyter-mlops:reopen-tab'
} as const;

/** The factory of workflows, as "Open with" shows it. */
export const FACTORY = 'Workflow editor';
