import { ZoomOut } from 'lucide-react';
import type { Linked } from '../../model/charts/linked';
import { Button, Tabs } from '../ui';
import { useT } from '../surroundings';
import type { IChartSettings } from './settings';
import { useLinked } from './useLinked';

interface IControlsProps {
  settings: IChartSettings;
  change(change: Partial<IChartSettings>): void;
  linked: Linked;
}

/** Smoothing, axes, and the way back from a zoom; for all charts of a grid. */
export function ChartControls({ settings, change, linked }: IControlsProps) {
  const t = useT();
  const zoom = useLinked(linked, 'zoom', () => linked.zoom);
  return (
    <>
      <Smoothing value={settings.smoothing} onChange={smoothing => change({ smoothing })} />
      <Tabs
        look="segments"
        label={t('Horizontal axis')}
        value={settings.xAxis}
        onChange={xAxis => {
          linked.magnify(null); // a part of the steps says nothing about times
          change({ xAxis });
        }}
        tabs={[
          { key: 'step', label: t('Step') },
          { key: 'relative', label: t('Relative') },
          { key: 'time', label: t('Time') }
        ]}
      />
      <span className="jmo-chart-logs" role="group" aria-label={t('Logarithmic axes')}>
        <Button
          aria-pressed={settings.logX}
          title={t('Logarithmic horizontal axis')}
          disabled={settings.xAxis === 'time'}
          onClick={() => change({ logX: !settings.logX })}
        >
          {t('log x')}
        </Button>
        <Button
          aria-pressed={settings.logY}
          title={t('Logarithmic vertical axis')}
          onClick={() => change({ logY: !settings.logY })}
        >
          {t('log y')}
        </Button>
      </span>
      {zoom ? (
        <Button icon={ZoomOut} onClick={() => linked.magnify(null)}>
          {t('Show all')}
        </Button>
      ) : null}
    </>
  );
}

export function Smoothing({ value, onChange }: { value: number; onChange(value: number): void }) {
  const t = useT();
  return (
    <label className="jmo-smoothing">
      {t('Smoothing')}
      <input type="range" min={0} max={0.99} step={0.01} value={value} onChange={event => onChange(Number(event.target.value))} />
      <output className="jmo-num">{value.toFixed(2)}</output>
    </label>
  );
}
