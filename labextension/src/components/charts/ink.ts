/** Colours and fonts for a canvas, which can't read CSS variables. */

/** Resolves any CSS colour (`var()`, `color-mix()`) as it is at `place`. */
export function inkAt(place: HTMLElement): (color: string) => string {
  const probe = document.createElement('span');
  probe.style.display = 'none';
  place.appendChild(probe);
  const resolved = (color: string) => {
    probe.style.color = '';
    probe.style.color = color;
    return getComputedStyle(probe).color || color;
  };
  queueMicrotask(() => probe.remove());
  return resolved;
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
