import { fs, path } from '../common/builtins.js';
import { isAmong } from '../common/known-packages.js';
import type { Attachment } from './attachments.js';

/** A package as its own package.json names it. */
interface OwningPackage {
  readonly name: string;
  readonly version: string;
}

/**
 * Finds the attachments for a file. It first compares the end of the path, because it is called for every file of the program,
 * and reads the package.json only of the few files that match.
 */
export class Matching {
  readonly #attachments: readonly Attachment[];
  readonly #ends: readonly string[];
  readonly #log: (line: string) => void;
  readonly #logged = new Set<string>();

  /** @param log - called once with a line for each package whose version is not known */
  constructor(attachments: readonly Attachment[], log: (line: string) => void) {
    this.#attachments = attachments;
    this.#ends = [...new Set(attachments.flatMap(({ files }) => files))];
    this.#log = log;
  }

  /** Whether a file, judged by its path or URL, may have attachments. */
  isNear(file: string): boolean {
    const slashed = withSlashes(file);
    return this.#ends.some((end) => slashed.endsWith(end));
  }

  /** @param source - the file's text; if it does not contain the names, it is another file with the same path */
  find(file: string, source: string): readonly Attachment[] {
    const slashed = withSlashes(file);
    const candidates = this.#attachments.filter(
      ({ files, names }) => files.some((end) => slashed.endsWith(end)) && names.some((name) => source.includes(name)),
    );
    if (candidates.length === 0) return candidates;
    const owner = ownerOf(file);
    const ofPackage = candidates.filter((each) => each.package === owner?.name);
    if (owner === undefined || ofPackage.length === 0) return [];
    const found = ofPackage.filter(({ versions }) => isAmong(owner.version, versions));
    if (found.length === 0) this.#logLeftAlone(owner);
    return found;
  }

  #logLeftAlone({ name, version }: OwningPackage): void {
    const key = `${name} ${version}`;
    if (this.#logged.has(key)) return;
    this.#logged.add(key);
    const known = this.#attachments.filter((each) => each.package === name).map(({ versions }) => versions);
    this.#log(`auto: ${key} is left alone; recorded are the versions ${[...new Set(known)].join(', ')}`);
  }
}

/** Paths of Windows have backslashes. */
function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}

/** The package of a file: the nearest package.json with a name. One without a name only sets the module kind. */
function ownerOf(file: string): OwningPackage | undefined {
  for (let folder = path().dirname(file), inner = ''; folder !== inner; ) {
    const { name, version } = manifestIn(folder);
    if (typeof name === 'string' && typeof version === 'string') return { name, version };
    if (path().basename(folder) === 'node_modules') return undefined;
    inner = folder;
    folder = path().dirname(folder);
  }
  return undefined;
}

function manifestIn(folder: string): { readonly name?: unknown; readonly version?: unknown } {
  try {
    return JSON.parse(fs().readFileSync(path().join(folder, 'package.json'), 'utf8'));
  } catch {
    return {};
  }
}
