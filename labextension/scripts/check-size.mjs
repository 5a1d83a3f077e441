/** Fail when what JupyterLab loads at its start is too much: the remote entry, the plugins, and the styles they come with. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LIMIT = 80_000; // bytes
const folder = process.argv[2] ?? join(import.meta.dirname, '..', JSON.parse(read('package.json')).jupyterlab.outputDir);

function read(path) {
  return readFileSync(join(import.meta.dirname, '..', path), 'utf8');
}

/** The chunks that a module of the container is made of: `"./index": () => Promise.all([e(126), e(88)])…`. */
function chunksOf(entry, module) {
  const at = entry.search(new RegExp(`["']?\\./${module}["']?\\s*:`));
  if (at < 0) {
    throw new Error(`${module} isn't exposed by the remote entry: this script doesn't know the builder's output any more.`);
  }
  const until = entry.slice(at, at + 4000).search(/\.then\(/);
  return [...entry.slice(at, at + until).matchAll(/\.e\(["']?(\d+)["']?\)/g)].map(match => match[1]);
}

const files = join(folder, 'static');
const names = readdirSync(files).filter(name => name.endsWith('.js'));
const { _build: build } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).jupyterlab;
const entryName = build.load.split('/').pop();
const entry = readFileSync(join(files, entryName), 'utf8');
const chunks = new Set(['extension', 'style'].flatMap(module => chunksOf(entry, module)));
const loaded = [entryName, ...names.filter(name => chunks.has(name.split('.')[0]))];
const sizes = loaded.map(name => [name, statSync(join(files, name)).size]);
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
const list = sizes.map(([name, size]) => `${name} ${size}`).join(', ');
console.log(`JupyterLab loads ${total} bytes of ours at its start (${list}); ${LIMIT} are allowed.`);
if (loaded.length < 2 || total > LIMIT) {
  console.error(
    loaded.length < 2 ? 'Nothing but the remote entry was found.' : 'Fetch more of it when it is first used: import(…).'
  );
  process.exit(1);
}
