/** What a packager noted about an artifact, read from its `meta` without trusting its shape. */
import type { Json } from '../contract';

type Meta = Record<string, Json>;

export interface IModelFacts {
  framework: string | null;
  class: string | null;
  versions: [string, string][];
  params: [string, Json][];
  /** Names of the features it takes, when it knows them. */
  features: string[];
  signature: [string, Json][];
}

export function modelFacts(meta: Meta): IModelFacts {
  const signature = entries(meta.signature);
  const features = signature.find(([key, value]) => key.startsWith('feature_names') && Array.isArray(value))?.[1];
  return {
    framework: text(meta.framework),
    class: text(meta.class),
    versions: entries(meta.versions).map(([name, version]) => [name, String(version)]),
    params: entries(meta.params),
    features: Array.isArray(features) ? features.map(String) : [],
    signature: signature.filter(([, value]) => value !== features)
  };
}

/** How many files a directory has, as its packager counted. */
export const fileCount = (meta: Meta): number => (typeof meta.files === 'number' ? meta.files : 0);

/** The files of a listing: a line each, size, two spaces, path. */
export function listed(listing: string): { path: string; size: number | null }[] {
  return listing
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const parts = /^ *([\d,]+) {2}(.*)$/.exec(line);
      return parts ? { path: parts[2], size: Number(parts[1].replaceAll(',', '')) } : { path: line, size: null };
    });
}

const HIDDEN = new Set([
  'preview',
  'stats',
  'schema',
  'columns',
  'params',
  'signature',
  'versions',
  'image',
  'name',
  'directory'
]);

/** The plain facts, for people: what is long, or shown elsewhere, is left out. */
export const plainFacts = (meta: Meta): [string, Json][] =>
  Object.entries(meta).filter(([key, value]) => !HIDDEN.has(key) && value !== null);

const text = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

function entries(value: Json | undefined): [string, Json][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
