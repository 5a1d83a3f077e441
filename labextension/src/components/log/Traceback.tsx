import { after, PLAIN } from './ansi';
import { Coloured } from './Coloured';

/** A traceback in its terminal colours, or where it has none in some of ours; it is text, whatever it says. */
export function Traceback({ lines }: { lines: readonly string[] }) {
  let look = PLAIN;
  return (
    <pre className="jmo-log jmo-traceback" tabIndex={0}>
      {lines
        .join('\n')
        .split('\n')
        .map((line, at) => {
          const from = look;
          look = after(line, look);
          return (
            <span key={at} className={from === PLAIN && look === PLAIN ? partOf(line) : undefined}>
              <Coloured text={line} from={from} />
              {'\n'}
            </span>
          );
        })}
    </pre>
  );
}

const PARTS: [RegExp, string][] = [
  [/^-+> *\d+ /, 'jmo-ansi-bold'], // the line that was reached
  [/^(Cell In ?\[| *File ["<~./\w])/, 'jmo-ansi-6'],
  [/^[A-Za-z_][\w.]*(: |$| {3,}Traceback \()/, 'jmo-ansi-1 jmo-ansi-bold'] // the exception
];

const partOf = (line: string): string | undefined => PARTS.find(([form]) => form.test(line))?.[1];
