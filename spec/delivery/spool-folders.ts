import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A spool folder for one spec, outside of the project. */
export interface SpoolDir extends Disposable {
  readonly path: string;
  /** Every file and folder below it, by its path from there. */
  entries(): { readonly path: string; readonly isFile: boolean; readonly mode: number; readonly bytes: number }[];
  /** What all files hold, one after the other. */
  text(): string;
}

export function spoolDir(): SpoolDir {
  const path = mkdtempSync(join(tmpdir(), 'spool-spec-'));
  const entries: SpoolDir['entries'] = () =>
    readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => {
      const stat = statSync(join(path, name));
      return { path: name, isFile: stat.isFile(), mode: stat.mode & 0o777, bytes: stat.size };
    });
  return {
    path,
    entries,
    text: () =>
      entries()
        .filter(({ isFile }) => isFile)
        .map((file) => readFileSync(join(path, file.path), 'utf8'))
        .join(''),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
