/** Which artifacts are offered for an input. */
import type { IArtifactGroup, IArtifactRow, IInput } from '../contract';

export interface IOffer {
  /** What is written into the field: `key`, `key:tag`, or a version's address. */
  value: string;
  artifact: IArtifactRow;
  isVersion: boolean;
}

const MOST = 50;

/** Those that fit what is typed, the likeliest first; of a key that is written in full, also its versions. */
export function offers(input: IInput, groups: IArtifactGroup[], text: string, versions: IArtifactRow[]): IOffer[] {
  const written = text.trim().toLowerCase();
  const exact = groups.some(({ key }) => key === text.trim());
  const words = exact ? [] : written.split(/\s+/).filter(Boolean);
  const fits = (...texts: string[]) => words.every(word => texts.join(' ').toLowerCase().includes(word));
  const keys = [...groups]
    .sort((one, other) => likeliness(input, other, written) - likeliness(input, one, written) || (one.key < other.key ? -1 : 1))
    .flatMap(group =>
      ['', ...group.tags.filter(tag => tag !== 'latest').map(tag => `:${tag}`)]
        .map(tag => `${group.key}${tag}`)
        .filter(value => fits(value, group.kind))
        .map((value): IOffer => ({ value, artifact: group.latest, isVersion: false }))
    );
  const older = versions.map((artifact): IOffer => ({ value: artifact.uri, artifact, isVersion: true }));
  return (exact ? [...keys.slice(0, 1), ...older, ...keys.slice(1)] : keys).slice(0, MOST);
}

function likeliness({ name, hint }: IInput, { key, kind }: IArtifactGroup, written: string): number {
  const isData = /frame|series|array|table/i.test(hint ?? '') || /data|frame|table|rows|train|test/i.test(name);
  const isModel = /model|estimator|classifier|regressor/i.test(`${hint ?? ''} ${name}`);
  return (
    (key === written ? 100 : 0) +
    (key === name ? 10 : 0) +
    (key.includes(name) || name.includes(key) ? 3 : 0) +
    ((isData && kind === 'dataset') || (isModel && kind === 'model') ? 2 : 0) +
    (kind === 'dataset' || kind === 'model' ? 1 : 0)
  );
}
