/** Smoothing of metric curves. */

/** Of how many units the x axis is thought to be, so that the slider means the same for few and for many points. */
const SCALE = 1000;

/**
 * Exponential moving average, debiased and weighted by the distance on the x axis.
 *
 * Debiased as TensorBoard does it (`vz_line_chart2/line-chart.ts`, `resmoothDataset`: the average starts at 0 and is divided by
 * `1 - weight^n`), i.e. the bias correction of Kingma & Ba, "Adam", 2015, section 3. Weighted by distance as Weights & Biases' "time
 * weighted EMA" does (docs "Smooth line plots"): `weight^Δx`, with the x axis scaled to 1,000 units. So a curve that was thinned by
 * the server looks like the whole one. Gaps (NaN) stay gaps and don't count.
 *
 * @param strength from 0 (as it is) to 1
 * @param span the length of the x axis; a run's own is used when it is 0
 */
export function smooth(x: Float64Array, y: Float64Array, strength: number, span = 0): Float64Array {
  if (strength <= 0 || x.length < 3) {
    return y;
  }
  const weight = Math.min(Math.sqrt(strength), 0.999);
  const length = span || x[x.length - 1] - x[0] || 1;
  const smoothed = new Float64Array(y.length);
  let sum = 0;
  let norm = 0;
  let before = x[0];
  for (let index = 0; index < y.length; index += 1) {
    if (!Number.isFinite(y[index])) {
      smoothed[index] = y[index];
      continue;
    }
    const kept = weight ** (((x[index] - before) / length) * SCALE);
    sum = sum * kept + y[index];
    norm = norm * kept + 1;
    before = x[index];
    smoothed[index] = sum / norm;
  }
  return smoothed;
}
