/** The settings, as `schema/plugin.json` has them. */
export interface IPreferences {
  /** Tell when a run that was started here ends. */
  notifications: 'all' | 'errors' | 'none';
  confirmAbort: boolean;
  /** How many steps of a workflow run at once; 0 leaves it to the project. */
  parallel: number;
  statusBar: boolean;
}

export const DEFAULTS: IPreferences = { notifications: 'all', confirmAbort: true, parallel: 0, statusBar: true };
