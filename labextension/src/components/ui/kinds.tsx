import {
  Box,
  ChartColumn,
  Database,
  File,
  Folder,
  Hash,
  Network,
  Play,
  SquareFunction,
  Table2,
  type LucideIcon
} from 'lucide-react';

export type KindName =
  'dataset' | 'model' | 'plot' | 'table' | 'file' | 'dir' | 'result' | 'function' | 'workflow' | 'run' | 'source';

const GLYPH: Record<KindName, LucideIcon> = {
  dataset: Database,
  model: Box,
  plot: ChartColumn,
  table: Table2,
  file: File,
  dir: Folder,
  result: Hash,
  function: SquareFunction,
  workflow: Network,
  run: Play,
  source: File
};

const isKind = (kind: string): kind is KindName => kind in GLYPH;

/** A tinted tile with the sign of a kind. Decoration: the name stands beside it. */
export function KindIcon({ kind, small = false }: { kind: string; small?: boolean }) {
  const known = isKind(kind) ? kind : 'file';
  const Glyph = GLYPH[known];
  return (
    <span className={`jmo-kind-icon jmo-kind-${known}${small ? ' jmo-small' : ''}`} aria-hidden>
      <Glyph size={small ? 13 : 15} strokeWidth={2} />
    </span>
  );
}

/** The sign alone, in the colour of the text around it. */
export function KindGlyph({ kind, size = 13 }: { kind: string; size?: number }) {
  const Glyph = GLYPH[isKind(kind) ? kind : 'file'];
  return <Glyph size={size} strokeWidth={1.9} aria-hidden />;
}
