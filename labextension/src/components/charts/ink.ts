/** Colours and fonts for a canvas, which can't read CSS variables. */

/** Resolves any CSS colour (`var()`, `color-mix()`) as it is at `place` now, and remembers it. */
export function inkAt(place: HTMLElement): (color: string) => string {
  const known = new Map<string, string>();
  return color => {
    let found = known.get(color);
    if (found === undefined) {
      const probe = document.createElement('span');
      probe.style.color = color;
      place.appendChild(probe);
      found = getComputedStyle(probe).color || color;
      probe.remove();
      known.set(color, found);
    }
    return found;
  };
}

/** Calls when Lab's theme changes; again when its style sheet comes, or the old one goes, which may be a moment later. */
export function onTheme(listener: () => void): () => void {
  const loaded = (event: Event) => event.target instanceof HTMLLinkElement && requestAnimationFrame(listener);
  document.addEventListener('load', loaded, true);
  const sheets = new MutationObserver(changes => {
    if (changes.some(({ removedNodes }) => [...removedNodes].some(node => node instanceof HTMLLinkElement))) {
      requestAnimationFrame(listener);
    }
  });
  sheets.observe(document.body, { childList: true });
  const observer = new MutationObserver(() => requestAnimationFrame(listener));
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name', 'class']
  });
  const forced = matchMedia('(forced-colors: active)');
  forced.addEventListener('change', listener);
  return () => {
    document.removeEventListener('load', loaded, true);
    sheets.disconnect();
    observer.disconnect();
    forced.removeEventListener('change', listener);
  };
}
