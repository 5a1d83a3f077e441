/** A run's log: follows its end until one scrolls up; wraps, searches, copies. */
import { ArrowDownToLine, ChevronDown, ChevronUp, Copy, WrapText } from 'lucide-react';
import { useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { plain } from '../../model/format';
import { useHost, useT } from '../surroundings';
import { IconButton, Loading, Problem, SearchField } from '../ui';
import { LogLines } from './LogLines';
import type { ILine } from './text';
import { whole } from './text';
import { useLog } from './useLog';

/** `live`: whether the run may still write. */
export function LogViewer({ run, live }: { run: string; live: boolean }) {
  const t = useT();
  const { log, error, reaching, earlier, retry } = useLog(run, live);
  const [wrap, setWrap] = useState(true);
  const [following, setFollowing] = useState(true);
  // a state, since the lines must be drawn again once there is something that they scroll in
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const lines = useMemo(() => log?.lines.filter(isShown) ?? [], [log]);
  const search = useSearch(lines);

  useEffect(() => setFollowing(true), [run]);
  useLayoutEffect(() => {
    if (following && search.current === null && scroller) {
      scroller.scrollTop = scroller.scrollHeight;
    }
  }, [scroller, lines, following, wrap, search]);

  if (log === null) {
    return error ? <Problem error={error} retry={retry} /> : <Loading />;
  }
  const toEnd = () => {
    search.clear();
    setFollowing(true);
  };
  return (
    <div className="jmo-logview">
      <LogBar search={search} wrap={wrap} onWrap={setWrap} text={() => whole(log)} part={log.start > 0} />
      {error ? <Problem error={error} retry={retry} /> : null}
      <div
        ref={setScroller}
        className={wrap ? 'jmo-loglines jmo-wrap' : 'jmo-loglines'}
        // aria-live off: a busy log would drown everything else a screen reader says
        role="log"
        aria-live="off"
        aria-label={t('Log')}
        tabIndex={0}
        onScroll={event => setFollowing(isAtEnd(event.currentTarget))}
      >
        {log.start > 0 ? (
          <button type="button" className="jmo-link" disabled={reaching} onClick={earlier}>
            {reaching ? t('Loading…') : t('Earlier…')}
          </button>
        ) : null}
        {lines.length === 0 ? (
          <div className="jmo-logline jmo-muted">{live ? t('Nothing written yet') : t('Nothing was written')}</div>
        ) : (
          <LogLines lines={lines} wanted={search.wanted} current={search.current} scroller={scroller} />
        )}
      </div>
      {following ? null : (
        <button type="button" className="jmo-button jmo-logend" onClick={toEnd}>
          <ArrowDownToLine size={13} aria-hidden />
          {live ? t('Follow') : t('To the end')}
        </button>
      )}
    </div>
  );
}

/** The last line is empty between two writings: nothing to show. */
const isShown = (line: ILine, at: number, all: ILine[]): boolean => at < all.length - 1 || line.text !== '';

const isAtEnd = (box: HTMLElement): boolean => box.scrollHeight - box.scrollTop - box.clientHeight < 24;

interface ISearch {
  query: string;
  wanted: string;
  hits: number[];
  /** Which hit, and in which line it is. */
  place: number;
  current: number | null;
  find(query: string): void;
  go(by: number): void;
  clear(): void;
}

function useSearch(lines: ILine[]): ISearch {
  const [query, setQuery] = useState('');
  const [place, setPlace] = useState(0);
  return useMemo(() => {
    const wanted = query.toLowerCase();
    const hits = wanted ? lines.flatMap((line, at) => (plain(line.text).toLowerCase().includes(wanted) ? [at] : [])) : [];
    const at = hits.length ? ((place % hits.length) + hits.length) % hits.length : 0;
    return {
      query,
      wanted,
      hits,
      place: at,
      current: hits[at] ?? null,
      find: text => (setQuery(text), setPlace(0)),
      go: by => setPlace(at + by),
      clear: () => setQuery('')
    };
  }, [lines, query, place]);
}

function LogBar(props: { search: ISearch; wrap: boolean; onWrap(wrap: boolean): void; text(): string; part: boolean }) {
  const t = useT();
  const host = useHost();
  const { search } = props;
  const copy = () =>
    navigator.clipboard.writeText(plain(props.text())).then(
      () => host.notify(t('Log copied'), 'success'),
      () => host.notify(t("The browser doesn't allow copying: select the text and press Ctrl+C"), 'error')
    );
  return (
    <div
      className="jmo-logbar"
      onKeyDown={event => event.key === 'Enter' && event.target instanceof HTMLInputElement && search.go(event.shiftKey ? -1 : 1)}
    >
      <SearchField value={search.query} onChange={search.find} label={t('Search the log')} />
      {search.wanted ? (
        <>
          <span className="jmo-muted jmo-num" role="status">
            {search.hits.length
              ? t('%1 of %2', search.place + 1, search.hits.length)
              : props.part
                ? t('None in this part')
                : t('None')}
          </span>
          <IconButton icon={ChevronUp} label={t('Previous')} disabled={!search.hits.length} onClick={() => search.go(-1)} />
          <IconButton icon={ChevronDown} label={t('Next')} disabled={!search.hits.length} onClick={() => search.go(1)} />
        </>
      ) : null}
      <span className="jmo-spacer" />
      <IconButton icon={WrapText} label={t('Wrap lines')} aria-pressed={props.wrap} onClick={() => props.onWrap(!props.wrap)} />
      <IconButton icon={Copy} label={t('Copy')} onClick={() => void copy()} />
    </div>
  );
}
