import { Panel, useReactFlow } from '@xyflow/react';
import { Maximize, Minus, Plus } from 'lucide-react';
import { useT } from '../../surroundings';
import { IconButton } from '../../ui';

export function Zoom({ fit }: { fit(): void }) {
  const t = useT();
  const flow = useReactFlow();
  return (
    <Panel position="bottom-left" className="jmo-zoom">
      <IconButton icon={Plus} label={t('Zoom in')} onClick={() => void flow.zoomIn({ duration: 120 })} />
      <IconButton icon={Minus} label={t('Zoom out')} onClick={() => void flow.zoomOut({ duration: 120 })} />
      <IconButton icon={Maximize} label={t('Show all (F)')} onClick={fit} />
    </Panel>
  );
}
