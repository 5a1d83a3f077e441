import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, useState } from 'react';
import { bytes } from '../../model/format';
import { useT } from '../surroundings';
import { Coloured } from './Coloured';
import type { ILine } from './text';

export interface ILinesProps {
  lines: ILine[];
  /** Searched text in lower case; empty marks nothing. */
  wanted: string;
  /** The index of the line that is the current hit. */
  current: number | null;
  /** What they scroll in; null until it is there. */
  scroller: HTMLElement | null;
}

/** Up to here all lines are in the page, so that the browser's own search and selection work. */
const FEW = 500;

export function LogLines(props: ILinesProps) {
  return props.lines.length <= FEW ? <AllLines {...props} /> : <WindowOfLines {...props} />;
}

function AllLines({ lines, wanted, current }: ILinesProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (current !== null) {
      list.current?.children[current]?.scrollIntoView({ block: 'nearest' });
    }
  }, [current]);
  return (
    <div ref={list}>
      {lines.map((line, index) => (
        <Line key={line.key} line={line} wanted={wanted} current={index === current} />
      ))}
    </div>
  );
}

function WindowOfLines({ lines, wanted, current, scroller }: ILinesProps) {
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller,
    estimateSize: () => 17,
    getItemKey: index => lines[index].key,
    overscan: 30
  });
  useEffect(() => {
    if (current !== null) {
      rows.scrollToIndex(current, { align: 'center' });
    }
  }, [current, rows]);
  const items = rows.getVirtualItems();
  return (
    <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
      <div style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
        {items.map(item => (
          <div key={item.key} data-index={item.index} ref={rows.measureElement}>
            <Line line={lines[item.index]} wanted={wanted} current={item.index === current} />
          </div>
        ))}
      </div>
    </div>
  );
}

/** More characters of a line aren't shown at once. */
const LONG = 20_000;

const Line = memo(function Line({ line, wanted, current }: { line: ILine; wanted: string; current: boolean }) {
  const t = useT();
  const [all, setAll] = useState(false);
  if (line.missing !== undefined) {
    return <div className="jmo-logline jmo-muted">{t('… %1 left out', bytes(line.missing))}</div>;
  }
  const isCut = line.text.length > LONG && !all && !current;
  return (
    <div className={current ? 'jmo-logline jmo-current' : 'jmo-logline'}>
      <Coloured text={isCut ? line.text.slice(0, LONG) : line.text} from={line.look} wanted={wanted} />
      {isCut ? (
        <button type="button" className="jmo-link" onClick={() => setAll(true)}>
          {t('… %1 more', bytes(line.text.length - LONG))}
        </button>
      ) : null}
    </div>
  );
});
