/** Colours of values: by run, or along a dimension. */
import { colorOf } from './palette';
import { placeOf, word, valueOf, type IDimension, type IPlotted } from './dimensions';

/** A colour for 0…1, from the theme's `--jmo-scale-*`. */
export function along(place: number): string {
  const part = Math.min(1, Math.max(0, place));
  return part < 0.5
    ? `color-mix(in oklab, var(--jmo-scale-mid) ${Math.round(part * 200)}%, var(--jmo-scale-low))`
    : `color-mix(in oklab, var(--jmo-scale-high) ${Math.round((part - 0.5) * 200)}%, var(--jmo-scale-mid))`;
}

/** The colour of a run by a dimension: a scale for numbers, hues for words, grey for nothing. */
export function tint(run: IPlotted, by: IDimension): string {
  if (by.scale.kind === 'category') {
    const value = valueOf(run, by);
    return value === undefined || value === null ? 'var(--jmo-line)' : colorOf(by.scale.values.indexOf(word(value)));
  }
  const place = placeOf(run, by);
  return place === null ? 'var(--jmo-line)' : along(place);
}
