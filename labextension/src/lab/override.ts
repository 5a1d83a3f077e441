/** How the body of our magics is shown to language servers. */
export interface IOverride {
  pattern: string;
  replacement: string;
  scope?: 'cell';
  reverse?: IOverride;
}

/** The magic's line becomes a comment, so that lines and columns stay what they are. */
export const OVERRIDE: IOverride = {
  pattern: '^(%%ml(?:function|run)\\b[^\\n]*\\n[^]*)$',
  replacement: '# $1',
  scope: 'cell',
  reverse: { pattern: '^# (%%ml(?:function|run)\\b[^\\n]*\\n[^]*)$', replacement: '$1', scope: 'cell' }
};
