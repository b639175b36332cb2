import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A spool folder for one spec, outside of the project. */
export interface SpoolDir extends Disposable {
  readonly path: string;
  /** Every file and folder below it, by its path from there. */
  entries(): { readonly path: string; readonly isFile: boolean; readonly mode: number; readonly bytes: number }[];
  /** The same by their paths alone, whatever they are. */
  entriesByName(): string[];
  /** What all files hold, one after the other. */
  text(): string;
}

export function spoolDir(): SpoolDir {
  const path = mkdtempSync(join(tmpdir(), 'spool-spec-'));
  const entries: SpoolDir['entries'] = () =>
    readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => {
      const stat = lstatSync(join(path, name)); // a link may lead nowhere
      return { path: name, isFile: stat.isFile(), mode: stat.mode & 0o777, bytes: stat.size };
    });
  return {
    path,
    entries,
    entriesByName: () => readdirSync(path, { recursive: true, encoding: 'utf8' }),
    text: () =>
      entries()
        .filter(({ isFile }) => isFile)
        .map((file) => readFileSync(join(path, file.path), 'utf8'))
        .join(''),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
