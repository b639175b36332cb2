import { readFileSync } from 'node:fs';

/* The calls that a client has, as the client itself lists them: the methods of its resources, by their paths. */

/** The methods of each resource, by path and name: `chat.completions.create`. */
export function methodsOf(client: object, isResource: (value: object) => boolean): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  const seen = new Set<object>([client]);
  const walk = (parent: object, path: string) => {
    for (const name of namesOf(parent)) {
      const value: unknown = Reflect.get(parent, name);
      if (typeof value === 'function') {
        if (path !== '') found.set(path + name, value);
      } else if (typeof value === 'object' && value !== null && isResource(value) && !seen.has(value)) {
        seen.add(value);
        walk(value, `${path}${name}.`);
      }
    }
  };
  walk(client, '');
  return found;
}

/** Of the object and its classes; an underscore means that a name is the client's own. */
function namesOf(object: object): ReadonlySet<string> {
  const names = new Set<string>();
  for (let at: object | null = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) if (!/^_|^constructor$/.test(name)) names.add(name);
  }
  return names;
}

/** The calls by whether a method of theirs, or one they go through, is another once the client is wrapped. */
export function callsOf<T extends object>(
  client: T,
  isResource: (value: object) => boolean,
  wrap: (client: T) => unknown,
): ReadonlyMap<string, boolean> {
  const before = methodsOf(client, isResource);
  wrap(client);
  const after = methodsOf(client, isResource);
  const isChanged = (call: string) => before.get(call) !== after.get(call);
  return new Map([...before.keys()].map((call) => [call, isChanged(call) || isChanged(`${call}Internal`)]));
}

/** The names that a client's types call private. */
export function privateNames(types: string): ReadonlySet<string> {
  const text = readFileSync(types, 'utf8');
  return new Set([...text.matchAll(/^\s+private (?:readonly )?(\w+)/gm)].map(([, name = '']) => name));
}

/** The patterns of a client in the documentation's table of what is not recorded. */
export function leftOut(client: string): readonly RegExp[] {
  const page = readFileSync(new URL('../../../docs/wrappers.md', import.meta.url), 'utf8');
  const section = page.split('## What is not recorded')[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith(`| ${client} |`));
  return rows
    .flatMap((row) => [...row.matchAll(/`([\w.*]+)`/g)])
    .map(([, pattern = '']) => new RegExp(`^${pattern.replaceAll('.', '\\.').replace(/\*$/, '.+')}$`));
}
