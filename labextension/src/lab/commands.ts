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
  newProject: 'jupyter-mlops:new-project',
  openFolder: 'jupyter-mlops:open-folder',
  newWorkflow: 'jupyter-mlops:new-workflow',
  newFunction: 'jupyter-mlops:new-function',
  makeFunction: 'jupyter-mlops:make-function',
  runNotebook: 'jupyter-mlops:run-notebook',
  addToWorkflow: 'jupyter-mlops:add-to-workflow',
  reopen: 'jupyter-mlops:reopen-tab'
} as const;

/** The factory of workflows, as "Open with" shows it. */
export const FACTORY = 'Workflow editor';
