import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Context } from 'mocha';

const run = promisify(execFile);

/** The path of a Python with these packages, in a virtual environment below `folder`. Skips the suite if there is no Python. */
export async function pythonWith(context: Context, folder: string, packages: readonly string[]): Promise<string> {
  const venv = join(folder, 'venv');
  try {
    await run('python3', ['-m', 'venv', venv]);
  } catch {
    console.log('      left out: there is no Python 3 that makes a venv');
    context.skip();
  }
  await run(join(venv, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages]);
  return join(venv, 'bin/python');
}
