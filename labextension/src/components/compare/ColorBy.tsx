import type { IDimension } from '../../model/charts/dimensions';
import { shown } from '../../model/format';
import { useT } from '../surroundings';

interface IColorByProps {
  dimensions: readonly IDimension[];
  value: string | null;
  onChange(id: string | null): void;
}

/** Chooses what colours the runs, and says what the colours mean. */
export function ColorBy({ dimensions, value, onChange, legend = true }: IColorByProps & { legend?: boolean }) {
  const t = useT();
  const by = dimensions.find(({ id }) => id === value);
  return (
    <>
      <Choose label={t('Colour')} none={t('each run')} dimensions={dimensions} value={by?.id ?? null} onChange={onChange} />
      {legend && by && by.scale.kind !== 'category' ? (
        <span className="jmo-scale" aria-hidden>
          {shown(by.scale.range[0])}
          <i />
          {shown(by.scale.range[1])}
        </span>
      ) : null}
    </>
  );
}

/** A choice of a dimension; params and results apart. */
export function Choose(props: IColorByProps & { label: string; none?: string }) {
  const t = useT();
  const parts = { params: t('Params'), results: t('Results') };
  return (
    <label className="jmo-choose">
      {props.label}
      <select className="jmo-input" value={props.value ?? ''} onChange={event => props.onChange(event.target.value || null)}>
        {props.none === undefined ? null : <option value="">{props.none}</option>}
        {(['params', 'results'] as const).map(section => {
          const found = props.dimensions.filter(one => one.section === section);
          return found.length ? (
            <optgroup key={section} label={parts[section]}>
              {found.map(({ id, key }) => (
                <option key={id} value={id}>
                  {key}
                </option>
              ))}
            </optgroup>
          ) : null;
        })}
      </select>
    </label>
  );
}
