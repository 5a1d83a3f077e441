/** Terminal colours as spans: text stays text, a colour becomes a class. */

export interface ISpan {
  text: string;
  /** Classes, separated by spaces; empty when it has no look of its own. */
  look: string;
}

interface ILook {
  colour: number | null;
  back: number | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
}

const PLAIN: ILook = { colour: null, back: null, bold: false, dim: false, italic: false, underline: false };

// colours (…m), other CSI sequences, links and titles (OSC), and the single ones
const ESCAPE = /\u001b(?:\[([0-9;:]*)([ -/]*[@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[()][0-9A-B]|[=>78MNOc])/g;

/** The spans of one line. Sequences that aren't colours are left out. */
export function spans(line: string): ISpan[] {
  if (!line.includes('\u001b')) {
    return [{ text: line, look: '' }];
  }
  const found: ISpan[] = [];
  let look = PLAIN;
  let at = 0;
  const take = (end: number) => end > at && found.push({ text: line.slice(at, end), look: classes(look) });
  for (const match of line.matchAll(ESCAPE)) {
    take(match.index);
    at = match.index + match[0].length;
    if (match[2] === 'm') {
      look = changed(look, match[1]);
    }
  }
  take(line.length);
  return found;
}

function changed(look: ILook, codes: string): ILook {
  const numbers = codes === '' ? [0] : codes.split(/[;:]/).map(Number);
  let next = look;
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at];
    if (code === 38 || code === 48) {
      // one of 256 (5;n) or red, green and blue (2;r;g;b): of those only the first 16 have a class
      const colour = numbers[at + 1] === 5 && numbers[at + 2] < 16 ? numbers[at + 2] : null;
      next = code === 38 ? { ...next, colour } : { ...next, back: colour };
      at += numbers[at + 1] === 5 ? 2 : 4;
    } else {
      next = { ...next, ...effect(code) };
    }
  }
  return next;
}

function effect(code: number): Partial<ILook> {
  const simple: Record<number, Partial<ILook>> = {
    0: PLAIN,
    1: { bold: true },
    2: { dim: true },
    3: { italic: true },
    4: { underline: true },
    22: { bold: false, dim: false },
    23: { italic: false },
    24: { underline: false },
    39: { colour: null },
    49: { back: null }
  };
  const ranges: [number, 'colour' | 'back', number][] = [
    [30, 'colour', 0],
    [40, 'back', 0],
    [90, 'colour', 8],
    [100, 'back', 8]
  ];
  const range = ranges.find(([from]) => code >= from && code < from + 8);
  return range ? { [range[1]]: code - range[0] + range[2] } : (simple[code] ?? {});
}

function classes(look: ILook): string {
  return [
    look.colour === null ? '' : `jmo-ansi-${look.colour}`,
    look.back === null ? '' : `jmo-ansi-back-${look.back}`,
    look.bold ? 'jmo-ansi-bold' : '',
    look.dim ? 'jmo-ansi-dim' : '',
    look.italic ? 'jmo-ansi-italic' : '',
    look.underline ? 'jmo-ansi-underline' : ''
  ]
    .filter(Boolean)
    .join(' ');
}
