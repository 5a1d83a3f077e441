/** What a notebook keeps of a panel (`hosts/panel_snapshot.py`), read without trust: anybody may have written the file. */
import { placeOf, type IPlace } from './trail';

export const MIME = 'application/vnd.jupyter-mlops.view.v1+json';

export interface IKeptView {
  place: IPlace;
  height: number;
  project: string;
  /** Where the project may be: relative to the notebook's folder, or to the server's root. */
  places: string[];
  /** Seconds since the epoch; null when it isn't known. */
  savedAt: number | null;
  /** JSON. */
  snapshot: string;
}

export function readView(data: unknown): IKeptView {
  const kept = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>;
  const height = typeof kept.height === 'number' && kept.height >= 200 && kept.height <= 4000 ? kept.height : 480;
  return {
    place: placeOf(kept.view, kept.target),
    height,
    project: typeof kept.project === 'string' ? kept.project : '',
    places: Array.isArray(kept.places) ? kept.places.filter((each): each is string => typeof each === 'string').slice(0, 4) : [],
    savedAt: typeof kept.savedAt === 'number' && Number.isFinite(kept.savedAt) ? kept.savedAt : null,
    snapshot: typeof kept.snapshot === 'string' ? kept.snapshot : '{}'
  };
}

/** The folders below the server's root that a view may mean, as seen from a notebook's folder. */
export function candidates(places: string[], folder: string): string[] {
  const found = places.flatMap(place => [joined(folder, place), joined('', place)]);
  return [...new Set(found.filter((path): path is string => path !== null))];
}

/** A path with its `.` and `..` resolved; null when it is absolute or leads out of the root. */
function joined(folder: string, place: string): string | null {
  if (/^[/\\]|^[a-z]:|[\0\\]/i.test(place)) {
    return null;
  }
  const parts: string[] = [];
  for (const part of [...folder.split('/'), ...place.split('/')]) {
    if (part === '..') {
      if (parts.pop() === undefined) {
        return null;
      }
    } else if (part !== '' && part !== '.') {
      parts.push(part);
    }
  }
  return parts.join('/');
}
