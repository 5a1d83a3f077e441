import { after, PLAIN } from './ansi';
import { Coloured } from './Coloured';

/** A traceback in its terminal colours; it is text, whatever it says. */
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
            <span key={at}>
              <Coloured text={line} from={from} />
              {'\n'}
            </span>
          );
        })}
    </pre>
  );
}
