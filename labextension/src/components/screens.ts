/** The code of each screen, fetched when it is first asked for. */
export const code = {
  sidebar: () => import('./sidebar/Sidebar').then(m => ({ default: m.Sidebar })),
  form: () => import('./forms/RunForm').then(m => ({ default: m.RunForm })),
  runs: () => import('./runs/RunsScreen').then(m => ({ default: m.RunsScreen })),
  run: () => import('./run/RunScreen').then(m => ({ default: m.RunScreen })),
  compare: () => import('./compare/CompareScreen').then(m => ({ default: m.CompareScreen })),
  workflow: () => import('./workflow/WorkflowScreen').then(m => ({ default: m.WorkflowScreen })),
  artifacts: () => import('./artifacts/ArtifactsScreen').then(m => ({ default: m.ArtifactsScreen })),
  artifact: () => import('./artifacts/ArtifactScreen').then(m => ({ default: m.ArtifactScreen }))
};
