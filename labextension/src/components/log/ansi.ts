/** Terminal colours as spans: text stays text, a colour becomes a class, or one of millions a variable. */
import { ESCAPE, plain } from '../../model/format';

export interface ISpan {
  text: string;
  /** Classes, separated by spaces; empty when it has no look of its own. */
  look: string;
  /** Colours that have no class, as `--jmo-ansi-fore` and `--jmo-ansi-back`. */
  style?: Record<string, string>;
}

/** One of 16, or red, green and blue. */
type Colour = number | string | null;

export interface ILook {
  colour: Colour;
  back: Colour;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  strike?: boolean;
  reverse?: boolean;
}

export const PLAIN: ILook = { colour: null, back: null };

/** The spans of a line that begins with this look. All that isn't a colour is left out. */
export function spans(line: string, from: ILook = PLAIN): ISpan[] {
  const found: ISpan[] = [];
  read(line, from, (text, look) => {
    const shown = plain(text);
    if (shown !== '') {
      const style = styleOf(look);
      found.push({ text: shown, look: classes(look), ...(style ? { style } : {}) });
    }
  });
  return found;
}

/** The look after a line: what isn't reset holds in the next one, too. */
export const after = (line: string, from: ILook): ILook => (line.includes('\u001b') ? read(line, from) : from);

function read(line: string, from: ILook, take: (text: string, look: ILook) => void = () => {}): ILook {
  let look = from;
  let at = 0;
  for (const match of line.includes('\u001b') ? line.matchAll(ESCAPE) : []) {
    take(line.slice(at, match.index), look);
    at = match.index + match[0].length;
    if (match[2] === 'm') {
      look = changed(look, match[1]);
    }
  }
  take(line.slice(at), look);
  return look;
}

function changed(look: ILook, codes: string): ILook {
  const parts = codes.split(';');
  let next = look;
  for (let at = 0; at < parts.length; at++) {
    const [first, ...rest] = parts[at].split(':');
    const code = Number(first);
    if (code !== 38 && code !== 48) {
      next = code === 0 ? PLAIN : code === 4 && rest[0] === '0' ? { ...next, underline: false } : { ...next, ...effect(code) };
      continue;
    }
    // one of 256 (5;n), or red, green and blue (2;r;g;b, or with colons 2:[space]:r:g:b)
    const colons = rest.length > 0;
    const given = (colons ? rest : parts.slice(at + 1, at + 5)).map(Number);
    const colour =
      given[0] === 5 ? ofPalette(given[1]) : given[0] === 2 ? mixed(colons ? given.slice(-3) : given.slice(1, 4)) : null;
    next = { ...next, [code === 38 ? 'colour' : 'back']: colour };
    at += colons ? 0 : given[0] === 5 ? 2 : 4;
  }
  return next;
}

const EFFECTS: Record<number, Partial<ILook>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { reverse: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { reverse: false },
  29: { strike: false },
  39: { colour: null },
  49: { back: null }
};

const RANGES: [number, 'colour' | 'back', number][] = [
  [30, 'colour', 0],
  [40, 'back', 0],
  [90, 'colour', 8],
  [100, 'back', 8]
];

function effect(code: number): Partial<ILook> {
  const range = RANGES.find(([from]) => code >= from && code < from + 8);
  return range ? { [range[1]]: code - range[0] + range[2] } : (EFFECTS[code] ?? {});
}

/** xterm's 256: 16 with names, a cube of 6 × 6 × 6, and 24 greys. */
function ofPalette(at: number): Colour {
  if (!(at >= 0 && at < 256)) {
    return null;
  }
  if (at < 16) {
    return at;
  }
  const level = (step: number): number => (step === 0 ? 0 : 55 + 40 * step);
  const grey = 8 + 10 * (at - 232);
  const cube = at - 16;
  return mixed(at >= 232 ? [grey, grey, grey] : [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level));
}

const mixed = (parts: number[]): Colour =>
  parts.length === 3 && parts.every(part => part >= 0 && part < 256) ? `rgb(${parts.join(' ')})` : null;

/** Reversed, what is written takes the colour of the ground: there is always one to take. */
const turned = ({ colour, back, reverse }: ILook): { colour: Colour; back: Colour } =>
  reverse ? { colour: back, back: colour } : { colour, back };

function classes(look: ILook): string {
  const { colour, back } = turned(look);
  return [
    colour === null ? '' : typeof colour === 'number' ? `jmo-ansi-${colour}` : 'jmo-ansi-fore',
    back === null
      ? look.reverse
        ? 'jmo-ansi-reverse'
        : ''
      : typeof back === 'number'
        ? `jmo-ansi-back-${back}`
        : 'jmo-ansi-back',
    ...(['bold', 'dim', 'italic', 'underline', 'strike'] as const).map(name => (look[name] ? `jmo-ansi-${name}` : ''))
  ]
    .filter(Boolean)
    .join(' ');
}

function styleOf(look: ILook): Record<string, string> | null {
  const { colour, back } = turned(look);
  const style = {
    ...(typeof colour === 'string' ? { '--jmo-ansi-fore': colour } : {}),
    ...(typeof back === 'string' ? { '--jmo-ansi-back': back } : {})
  };
  return Object.keys(style).length > 0 ? style : null;
}
