import { useCallback, useEffect, useRef, useState } from 'react';
import { useEditor } from '../context';

/** How long somebody who types pauses before the rest of the editor follows. */
const PAUSE = 250;

/** The YAML as typed; it becomes the workflow's text after each pause, whatever it says. */
export function useYaml(): { text: string; type(text: string): void } {
  const { text, edit } = useEditor();
  const [draft, setDraft] = useState<string | null>(null);
  const latest = useRef({ draft, edit });
  latest.current.edit = edit;
  const burst = useRef({ name: '', at: 0 });

  const flush = useCallback(() => {
    const typed = latest.current.draft;
    if (typed === null) {
      return;
    }
    latest.current.draft = null;
    const now = Date.now();
    burst.current = { name: now - burst.current.at > 3000 ? `yaml-${now}` : burst.current.name, at: now };
    latest.current.edit('Edit code', () => typed, burst.current.name);
    setDraft(null);
  }, []);

  useEffect(() => {
    if (draft === null) {
      return undefined;
    }
    const timer = setTimeout(flush, PAUSE);
    return () => clearTimeout(timer);
  }, [draft, flush]);

  useEffect(() => {
    // before Lab sees Ctrl+S, so that all of it is saved
    const onKey = (event: KeyboardEvent) => (event.ctrlKey || event.metaKey) && flush();
    window.addEventListener('keydown', onKey, true);
    return () => {
      window.removeEventListener('keydown', onKey, true);
      flush();
    };
  }, [flush]);

  const type = useCallback((typed: string) => {
    latest.current.draft = typed;
    setDraft(typed);
  }, []);
  return { text: draft ?? text, type };
}
