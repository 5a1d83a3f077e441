import { useT } from '../surroundings';
import { Empty } from '../ui';

export function Gone() {
  const t = useT();
  return <Empty title={t('This artifact was deleted')}>{t('Runs that used it still say so. You can close this view.')}</Empty>;
}
