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

/** The files of a directory as noted, and how many there are in all. */
export function dirFacts(meta: Meta): { names: string[]; total: number } {
  const names = Array.isArray(meta.preview) ? meta.preview.map(String) : [];
  return { names, total: typeof meta.files === 'number' ? meta.files : names.length };
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
