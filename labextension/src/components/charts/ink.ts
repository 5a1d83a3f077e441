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

/** Calls when Lab's theme changes. */
export function onTheme(listener: () => void): () => void {
  const observer = new MutationObserver(() => requestAnimationFrame(listener));
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name', 'class']
  });
  const forced = matchMedia('(forced-colors: active)');
  forced.addEventListener('change', listener);
  return () => {
    observer.disconnect();
    forced.removeEventListener('change', listener);
  };
}
