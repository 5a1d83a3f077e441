import { spans } from './ansi';

/** A traceback in its terminal colours; it is text, whatever it says. */
export function Traceback({ lines }: { lines: readonly string[] }) {
  return (
    <pre className="jmo-log jmo-traceback" tabIndex={0}>
      {lines
        .join('\n')
        .split('\n')
        .map((line, at) => (
          <span key={at}>
            {spans(line).map((span, place) => (
              <span key={place} className={span.look || undefined}>
                {span.text}
              </span>
            ))}
            {'\n'}
          </span>
        ))}
    </pre>
  );
}
