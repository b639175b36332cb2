import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './user-project.js';

/** Sources by file name. */
export type Sources = Readonly<Record<string, string>>;

/** Writes the sources to the folder and runs tsc there, strict by default. Returns its output. */
export async function runTsc(folder: string, sources: Sources, options: object): Promise<string> {
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    strict: true,
    types: [],
    rootDir: '.',
    ...options,
  };
  const files = Object.keys(sources);
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  await Promise.all(files.map((file) => writeFile(join(folder, file), sources[file] ?? '')));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    return (await promisify(execFile)(process.execPath, [tsc, '-p', folder, '--pretty', 'false'])).stdout;
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (!stdout?.includes('error TS')) throw error;
    return stdout;
  }
}

/** Where tsc finds errors, such as `agent.ts:12`, in order and each once; each with its first message. */
export async function typeErrors(
  folder: string,
  sources: Sources,
  options: object = {},
): Promise<Record<string, string>> {
  const printed = await runTsc(folder, sources, { ...options, noEmit: true });
  const errors: Record<string, string> = {};
  for (const [, path, line, message = ''] of printed.matchAll(/^(?:(.*)\((\d+),\d+\): )?error (.*)/gm)) {
    errors[path === undefined ? 'tsc' : `${basename(path)}:${line}`] ??= message;
  }
  return errors;
}
