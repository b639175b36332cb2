// The declarations that the public entries use, as .d.ts for ES modules and .d.cts for CommonJS, because a compiler rejects
// declarations of ES modules in a CommonJS program.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { declarationImports, mapDeclarationImports } from '../declarations.mjs';
import { earlyEntries, publicEntries } from '../entries.mjs';
import { root } from './root.mjs';

const entries = [...Object.values(publicEntries), earlyEntries.auto.esm];

/** Writes them below `folder`, next to the code. */
export async function buildTypes(folder) {
  const outDir = join(folder, 'types');
  const config = join(folder, 'tsconfig.json');
  await writeFile(
    config,
    JSON.stringify({
      extends: join(root, '.ci', 'tsconfig.build.json'),
      compilerOptions: { outDir, rootDir: join(root, 'lib'), typeRoots: [join(root, 'node_modules/@types')] },
      files: [...entries, 'lib/delivery/http/axios-core.d.ts'].map((path) => join(root, path)),
      include: [],
    }),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', config, '--pretty', 'false'], { cwd: root });
  } catch (error) {
    throw new Error(`tsc:\n${error.stdout || error.stderr || error.message}`);
  }

  const wanted = entries.map((path) => posix.relative('lib', path).replace(/\.ts$/, '.d.ts'));
  const seen = new Set();
  for (let file = wanted.pop(); file !== undefined; file = wanted.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = await readFile(join(outDir, file), 'utf8');
    for (const target of declarationImports(text)) {
      if (target.startsWith('.')) wanted.push(posix.join(posix.dirname(file), target.replace(/\.js$/, '.d.ts')));
    }
    const cjsText = mapDeclarationImports(text, (target) =>
      target.startsWith('.') ? target.replace(/\.js$/, '.cjs') : target,
    );
    await write(join(folder, 'esm', file), text);
    await write(join(folder, 'cjs', file.replace(/\.d\.ts$/, '.d.cts')), cjsText);
  }
}

async function write(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
