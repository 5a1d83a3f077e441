import { memo } from 'react';
import { spans, type ILook } from './ansi';

interface IColouredProps {
  text: string;
  from?: ILook;
  /** What is marked in it; nothing when it is empty. */
  wanted?: string;
}

/** A line in its terminal colours. It is text, whatever it says. */
export const Coloured = memo(function Coloured({ text, from, wanted = '' }: IColouredProps) {
  const found = spans(text, from);
  const hits = wanted === '' ? [] : hitsIn(found.map(span => span.text).join(''), wanted);
  let at = 0;
  return (
    <>
      {found.map((span, place) => {
        const start = at;
        at += span.text.length;
        return (
          <span key={place} className={span.look || undefined} style={span.style}>
            {marked(span.text, start, hits)}
          </span>
        );
      })}
    </>
  );
});

type Hit = [from: number, to: number];

const hitsIn = (text: string, wanted: string): Hit[] =>
  [...text.matchAll(new RegExp(wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'))].map(hit => [
    hit.index,
    hit.index + hit[0].length
  ]);

/** What of the hits lies in this text, which stands at `start` of its line: a hit may go on in another colour. */
function marked(text: string, start: number, hits: Hit[]) {
  const parts: (string | JSX.Element)[] = [];
  let at = 0;
  for (const [from, to] of hits) {
    const [low, high] = [Math.max(from - start, 0), Math.min(to - start, text.length)];
    if (low < high) {
      parts.push(text.slice(at, low), <mark key={low}>{text.slice(low, high)}</mark>);
      at = high;
    }
  }
  return parts.length === 0 ? text : [...parts, text.slice(at)];
}
