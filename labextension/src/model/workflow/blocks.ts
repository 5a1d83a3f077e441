/** How new parts of a workflow's text are laid out. */

export const inline = (path: readonly string[], written: string): string =>
  path.reduceRight((text, key) => `{${key}: ${text}}`, written);

export const nested = (path: readonly string[], written: string, depth: number): string =>
  depth < 9 ? block(path, written, depth, '') : `${path[0]}: ${inline(path.slice(1), written)}`;

/** Groups of the root and steps stand line by line, what is deeper in one line. */
export function block(path: readonly string[], written: string, depth: number, indent: string): string {
  if (path.length === 1 || depth >= 2) {
    const said = inline(path.slice(1), written);
    return `${indent}${path[0]}:${said.startsWith('\n') ? '' : ' '}${said}`;
  }
  return `${indent}${path[0]}:\n${block(path.slice(1), written, depth + 1, `${indent}  `)}`;
}
