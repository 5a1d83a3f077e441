import { PanelRightClose } from 'lucide-react';
import { useT } from '../../surroundings';
import { IconButton } from '../../ui';
import { panel } from './panel';

export function HideButton() {
  const t = useT();
  return <IconButton icon={PanelRightClose} label={t('Hide the inspector')} onClick={() => panel.show(false)} />;
}
