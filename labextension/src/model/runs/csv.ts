/** Runs as CSV, for a spreadsheet. */
import type { IRunRow, Json } from '../contract';

const OWN = [
  'id',
  'name',
  'function',
  'workflow',
  'step',
  'iteration',
  'parent',
  'state',
  'reason',
  'duration',
  'user',
  'host'
] as const;

export function csv(rows: IRunRow[]): string {
  const keys = (section: 'results' | 'params' | 'tags'): string[] => [...new Set(rows.flatMap(row => Object.keys(row[section])))];
  const columns: [string, (row: IRunRow) => Json | undefined][] = [
    ...OWN.map((key): [string, (row: IRunRow) => Json] => [key, row => row[key]]),
    ...(['created', 'started', 'ended'] as const).map((key): [string, (row: IRunRow) => Json] => [key, row => iso(row[key])]),
    ...(['results', 'params', 'tags'] as const).flatMap(section =>
      keys(section).map((key): [string, (row: IRunRow) => Json | undefined] => [`${section}.${key}`, row => row[section][key]])
    )
  ];
  const lines = [columns.map(([name]) => field(name)), ...rows.map(row => columns.map(([, value]) => field(value(row))))];
  return lines.map(line => line.join(',')).join('\r\n') + '\r\n';
}

const iso = (time: number | null): string | null => (time === null ? null : new Date(time * 1000).toISOString());

/** Quoted where CSV needs it; text that a spreadsheet would take for a formula is kept from being one. */
function field(value: Json | undefined): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
