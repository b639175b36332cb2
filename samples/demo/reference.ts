import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Declaration, readTsdoc } from './tsdoc.js';

/** A documented declaration that users of the package see, and the file it stands in. */
export interface PublicSymbol extends Declaration {
  readonly file: string;
}

/** Reads the comments of `lib/` and keeps those of what `lib/index.ts` exports, members included. */
export async function readReference(root: string): Promise<PublicSymbol[]> {
  const isPublic = exportedNames(await readFile(join(root, 'lib/index.ts'), 'utf8'));
  const names = await readdir(join(root, 'lib'), { recursive: true });
  const files = names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `lib/${name.replaceAll('\\', '/')}`)
    .sort();
  const found = await Promise.all(
    files.map(async (file) => readTsdoc(await readFile(join(root, file), 'utf8')).map((each) => ({ ...each, file }))),
  );
  return found.flat().filter(({ name, container }) => isPublic.has(container ?? name));
}

/** The names in `export { a, type B as C } from '…'`. */
function exportedNames(index: string): ReadonlySet<string> {
  const lists = [...index.matchAll(/export\s+(?:type\s+)?\{([^}]*)\}/g)].map(([, list = '']) => list);
  const names = lists.flatMap((list) => list.split(',')).map((each) => each.trim().replace(/^type\s+/, ''));
  return new Set(names.map((name) => name.split(/\s+as\s+/)[0] ?? '').filter((name) => name !== ''));
}
