/** The project's name, and the list of those to change to. */
import { ChevronDown, FolderKanban, FolderOpen, FolderPlus, FolderSearch, RefreshCw } from 'lucide-react';
import type { ISidebarPlace } from '../../model/sidebar';
import { useT } from '../surroundings';
import { IconButton, WithMenu, type IMenuItem } from '../ui';

export function Switcher({ place, refresh }: { place: ISidebarPlace; refresh(): void }) {
  const t = useT();
  const projects = place.projects ?? [];
  const chosen = projects.find(({ path }) => path === place.chosen);
  const twice = new Set(projects.map(({ name }) => name).filter((name, at, all) => all.indexOf(name) !== at));
  const items: (IMenuItem | 'line')[] = [
    ...projects.map(({ path, name }) => ({
      label: twice.has(name) ? `${name} (${path || '/'})` : name,
      icon: FolderKanban,
      checked: path === place.chosen,
      single: true,
      run: () => place.choose(path)
    })),
    ...(projects.length > 0 ? ['line' as const] : []),
    { label: t('New project…'), icon: FolderPlus, run: () => place.newProject() },
    { label: t('Open folder…'), icon: FolderSearch, run: () => place.openFolder() },
    ...(chosen ? [{ label: t('Show its files'), icon: FolderOpen, run: () => place.showFiles() }] : [])
  ];
  return (
    <div className="jmo-side-head">
      <WithMenu items={items} label={t('Projects')} align="left">
        {button => (
          <button type="button" className="jmo-switcher" title={chosen?.description || chosen?.path || ''} {...button}>
            <FolderKanban size={15} aria-hidden />
            <span className="jmo-clip">{chosen?.name ?? t('No project')}</span>
            <ChevronDown size={13} aria-hidden />
          </button>
        )}
      </WithMenu>
      <span className="jmo-spacer" />
      <IconButton icon={RefreshCw} label={t('Refresh')} onClick={refresh} />
    </div>
  );
}
