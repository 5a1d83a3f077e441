/** Where an operation is found over HTTP. The table is the server's own (`jupyter_mlops/api`), which its tests compare with this file. */
import type { Args, Operation } from './contract';
import routes from './routes.json';

export interface IAddress {
  method: string;
  path: string;
  /** What isn't in the path, of GET and DELETE: lists and the rest as JSON, text as itself. */
  query: Record<string, string>;
  /** The same of POST and PUT. */
  body: Record<string, unknown> | null;
}

const TABLE: Record<Operation, string> = routes;

export function address<K extends Operation>(operation: K, args: Args<K>): IAddress {
  const [method, template] = TABLE[operation].split(' ');
  const left = new Map<string, unknown>(Object.entries(args).filter(([, value]) => value !== undefined));
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(left.get(name));
    left.delete(name);
    return encodeURIComponent(value);
  });
  const inQuery = method === 'GET' || method === 'DELETE';
  const query: Record<string, string> = {};
  if (inQuery) {
    left.forEach((value, name) => (query[name] = typeof value === 'string' ? value : JSON.stringify(value)));
  }
  return { method, path, query, body: inQuery ? null : Object.fromEntries(left) };
}
