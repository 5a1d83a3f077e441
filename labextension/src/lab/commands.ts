/** The names of our commands. */
export const Commands = {
  openRuns: 'jupyter-mlops:open-runs',
  openRun: 'jupyter-mlops:open-run',
  compare: 'jupyter-mlops:compare-runs',
  openWorkflow: 'jupyter-mlops:open-workflow',
  openArtifact: 'jupyter-mlops:open-artifact',
  openArtifacts: 'jupyter-mlops:open-artifacts',
  openForm: 'jupyter-mlops:open-form'
} as const;
