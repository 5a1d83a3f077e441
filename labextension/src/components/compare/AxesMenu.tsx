import { Columns3 } from 'lucide-react';
import type { IDimension } from '../../model/charts/dimensions';
import { useT } from '../surroundings';
import { IconButton, WithMenu } from '../ui';

/** Chooses which params and results have an axis. */
export function AxesMenu(props: {
  dimensions: readonly IDimension[];
  shown: readonly string[];
  onChange(ids: readonly string[]): void;
}) {
  const t = useT();
  const { dimensions, shown, onChange } = props;
  const items = dimensions.map(({ id, key }) => ({
    label: key,
    checked: shown.includes(id),
    run: () => onChange(shown.includes(id) ? shown.filter(other => other !== id) : [...shown, id])
  }));
  return (
    <WithMenu items={items} label={t('Axes')}>
      {button => <IconButton icon={Columns3} label={t('Choose axes')} {...button} />}
    </WithMenu>
  );
}
