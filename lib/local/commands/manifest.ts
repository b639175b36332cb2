import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What of a package.json is read, as it stands there. */
interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly scripts?: unknown;
}

/** The package.json of a folder; empty where there is none that can be read. */
export function manifestAt(folder: string): Manifest {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof manifest === 'object' && manifest !== null ? manifest : {};
  } catch {
    return {};
  }
}

/** The package.json that counts in a folder: its own, else that of the nearest folder above which has one. */
export function nearestManifest(folder: string): Manifest {
  let at = folder;
  while (!existsSync(join(at, 'package.json')) && at !== dirname(at)) at = dirname(at);
  return manifestAt(at);
}
