// The panel in a cell: one ES module and one style sheet, with everything (React too) inside; and the few lines that fetch them.
import { build } from 'esbuild';

const dev = process.argv.includes('--dev');

await build({
  entryPoints: { widget: 'src/widget/index.tsx', boot: 'src/widget/boot.ts' },
  outdir: '../jupyter_mlops/static',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  minify: !dev,
  sourcemap: dev ? 'inline' : false,
  legalComments: 'linked',
  define: { 'process.env.NODE_ENV': dev ? '"development"' : '"production"' },
  loader: { '.svg': 'text' },
  logLevel: 'info'
});
