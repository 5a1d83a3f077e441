import type { IBackend } from '../../model/backend';
import type { IHost } from '../../model/host';
import type { ISidebarPlace } from '../../model/sidebar';

/** What actions of the sidebar work with. */
export interface IWorkbench {
  backend: IBackend;
  host: IHost;
  place: ISidebarPlace;
}
