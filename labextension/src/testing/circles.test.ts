/// <reference types="vite/client" />
/** No file imports itself by way of others: each can be read, tested and moved without those above it. */
import { expect, it } from 'vitest';

const texts = import.meta.glob<string>(['../**/*.{ts,tsx}', '!../**/*.test.*'], {
  query: '?raw',
  import: 'default',
  eager: true
});
const SOURCE = new URL('https://source/testing/');
const files = new Map(Object.entries(texts).map(([path, text]) => [new URL(path, SOURCE).pathname, text]));

function importsOf(file: string, text: string): string[] {
  const named = [...text.matchAll(/\bfrom '(\.[^']+)'/g)].map(([, path]) => new URL(path, new URL(file, SOURCE)).pathname);
  return named.flatMap(path => [`${path}.ts`, `${path}.tsx`, `${path}/index.ts`].filter(each => files.has(each)));
}

it('imports in no circle', () => {
  const imports = new Map([...files].map(([file, text]) => [file, importsOf(file, text)]));
  expect([...imports.values()].flat().length).toBeGreaterThan(500); // they were found
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    } else if (!done.has(file)) {
      imports.get(file)?.forEach(next => visit(next, [...path, file]));
      done.add(file);
    }
  };
  [...files.keys()].forEach(file => visit(file, []));
  expect(circles).toEqual([]);
});
