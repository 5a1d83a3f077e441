/** Artifacts that a browser would run, made harmless. */

/**
 * HTML for `<iframe sandbox="allow-scripts" srcdoc>`: its scripts may draw, but nothing is fetched, sent or opened.
 *
 * The policy comes before everything, so that no markup of the artifact can precede it. Within `default-src 'none'` inline
 * scripts and styles stay allowed: without same-origin they reach neither Lab nor its cookies.
 */
export function sealed(html: string): string {
  const policy = [
    "default-src 'none'",
    "script-src 'unsafe-inline' 'unsafe-eval'",
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'font-src data:',
    'media-src data: blob:',
    "form-action 'none'",
    "base-uri 'none'"
  ].join('; ');
  return `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><meta charset="utf-8">\n${html}`;
}

/** SVG as the address of an `<img>`, where scripts never run and nothing is fetched. */
export function svgAddress(svg: string): string {
  const bytes = new TextEncoder().encode(svg);
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return `data:image/svg+xml;base64,${btoa(binary)}`;
}

const IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/avif']);

/** Base64 bytes as the address of an `<img>`; null when the type isn't one of a plain picture. */
export function imageAddress(mime: string, base64: string): string | null {
  return IMAGES.has(mime) && /^[A-Za-z0-9+/=\s]*$/.test(base64) ? `data:${mime};base64,${base64}` : null;
}
