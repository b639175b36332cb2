import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { type Import, readFacts } from './imports.js';
import { emptyNames, type Folder, homes, maxLines, type Room, rooms } from './rooms.js';

/** Compares sources, by path from the top of the repository, with the table of rooms. Gives one line per fault. */
export function checkLib(files: ReadonlyMap<string, string>): string[] {
  const faults: string[] = [];
  const axiosFiles: string[] = [];

  for (const [path, source] of files) {
    const room = roomOf(path);
    if (path !== 'lib/index.ts' && rooms[room] === undefined) {
      faults.push(`${path} is in no room`);
      continue;
    }
    const folder = folderOf(path);
    if (folder !== undefined && rooms[room]?.folders !== undefined && rooms[room].folders[folder] === undefined) {
      faults.push(`${path} is in no folder of ${room}/`);
      continue;
    }
    const facts = readFacts(source);
    if (path === 'lib/index.ts' && !facts.onlyReexports) faults.push(`${path} does more than list names`);
    if (facts.readsEnvironment && !homes.environment.test(path)) faults.push(`${path} reads the environment`);
    if (facts.namesAsyncLocalStorage && !homes.asyncLocalStorage.test(path)) {
      faults.push(`${path} names AsyncLocalStorage`);
    }
    const [time] = facts.fakeable;
    if (time !== undefined && !homes.time.test(path)) faults.push(`${path} takes ${time} from where it can be a fake`);
    if (!path.endsWith('.d.ts') && facts.imports.some(({ specifier }) => packageOf(specifier) === 'axios')) {
      axiosFiles.push(path);
    }
    for (const found of facts.imports) {
      const fault = faultOf(path, found, files);
      if (fault !== undefined) faults.push(`${path} ${fault}`);
    }
  }

  for (const [name, { maxFiles }] of Object.entries(rooms)) {
    const own = [...files.keys()].filter((path) => roomOf(path) === name && folderOf(path) === undefined).length;
    if (maxFiles !== undefined && own > maxFiles) faults.push(`lib/${name} has ${own} files of its own`);
  }
  if (axiosFiles.length > 1) faults.push(`more than one file imports axios: ${axiosFiles.join(', ')}`);
  for (const path of axiosFiles) if (!homes.axios.test(path)) faults.push(`${path} imports axios`);
  return faults;
}

/** Imports of specs from samples: users read samples, and a sample is to run without the specs. */
export function checkSamples(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, source]) =>
    readFacts(source)
      .imports.map(({ specifier = '' }) => specifier)
      .filter(
        (specifier) => specifier.startsWith('.') && posix.join(posix.dirname(path), specifier).startsWith('spec/'),
      )
      .map((specifier) => `${path} imports ${specifier}`),
  );
}

/** Names that say nothing, and files that are too long. */
export function checkFiles(files: ReadonlyMap<string, string>): string[] {
  const faults: string[] = [];
  for (const [path, source] of files) {
    for (const segment of path.split('/')) {
      const word = segment.split(/[-.]/).find((part) => emptyNames.includes(part));
      if (word !== undefined) faults.push(`${path} is named ${word}`);
    }
    const lines = source.split('\n').length - (source.endsWith('\n') ? 1 : 0);
    if (lines > maxLines) faults.push(`${path} has ${lines} lines`);
  }
  return faults;
}

function faultOf(
  path: string,
  { specifier, typeOnly }: Import,
  files: ReadonlyMap<string, string>,
): string | undefined {
  if (specifier === undefined) return 'imports a name that is put together at run time';
  if (specifier.startsWith('.')) return faultOfPath(path, specifier, typeOnly, files);
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? undefined : `imports ${specifier} without node:`;
  const name = packageOf(specifier);
  if (path === 'lib/index.ts') return `imports the package ${name}`;
  const room = rooms[roomOf(path)] as Room;
  if (name === undefined || room.packages.includes(name)) return undefined;
  if (room.describesForeignPackages)
    return typeOnly ? undefined : `loads the package ${name}, of which it may have types`;
  return `imports the package ${name}`;
}

function faultOfPath(
  path: string,
  specifier: string,
  typeOnly: boolean,
  files: ReadonlyMap<string, string>,
): string | undefined {
  const written = posix.join(posix.dirname(path), specifier);
  // The viewer's files are JavaScript: browsers load them as they are.
  const target = files.has(written) ? written : written.replace(/\.js$/, '.ts');
  if (!files.has(target)) return `imports ${specifier}, which is not a file of lib/`;
  if (path === 'lib/index.ts') return undefined;
  if (target === 'lib/index.ts') return 'goes up: imports lib/index.ts';
  const from = roomOf(path);
  const to = roomOf(target);
  if (from === to) return faultInside(rooms[from] as Room, path, target);
  const { floor, uses, usesTypesOf } = rooms[from] as Room;
  if (uses.includes(to)) return undefined;
  if (usesTypesOf?.includes(to)) return typeOnly ? undefined : `takes more than types from ${to}/`;
  const toFloor = rooms[to]?.floor ?? Number.POSITIVE_INFINITY;
  const way = toFloor > floor ? 'goes up' : toFloor === floor ? 'goes sideways' : 'goes where it may not';
  return `${way}: imports ${target}`;
}

/** Between two files of one room. */
function faultInside({ folders }: Room, path: string, target: string): string | undefined {
  const from = folderOf(path);
  const to = folderOf(target);
  if (folders === undefined || from === undefined || from === to) return undefined;
  if (to === undefined) return `goes up: imports ${target}`;
  const { floor, uses } = folders[from] as Folder; // checked before
  if (uses.includes(to)) return undefined;
  const toFloor = folders[to]?.floor ?? Number.POSITIVE_INFINITY;
  const way = toFloor > floor ? 'goes up' : toFloor === floor ? 'goes sideways' : 'goes where it may not';
  return `${way}: imports ${target}`;
}

/** `queue` for `lib/delivery/queue/item.ts`; undefined for a file directly in its room. */
function folderOf(path: string): string | undefined {
  const [, , folder, file] = path.split('/');
  return file === undefined ? undefined : folder;
}

/** `common` for `lib/common/ids.ts`. */
function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** `@scope/name` for `@scope/name/sub`; undefined for a path, a Node module or a computed name. */
function packageOf(specifier: string | undefined): string | undefined {
  if (specifier === undefined || specifier.startsWith('.') || isBuiltin(specifier)) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
