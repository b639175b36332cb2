import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The fields of a package.json that are read, unchecked. */
interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly scripts?: unknown;
}

/** The package.json of a folder; an empty object if it cannot be read. */
export function manifestAt(folder: string): Manifest {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof manifest === 'object' && manifest !== null ? manifest : {};
  } catch {
    return {};
  }
}

/** The package.json for a folder: its own, else that of the nearest folder above. */
export function nearestManifest(folder: string): Manifest {
  let at = folder;
  while (!existsSync(join(at, 'package.json')) && at !== dirname(at)) at = dirname(at);
  return manifestAt(at);
}
