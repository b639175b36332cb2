// Packs the package as npm would publish it, looks at what is in it, and lets publint and attw look at the tarball.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

const work = mkdtempSync(join(tmpdir(), 'package-'));
try {
  const packed = run(root, npm, ['pack', '--json', '--ignore-scripts', '--pack-destination', work]);
  const { filename, size, unpackedSize, files } = [JSON.parse(packed)].flatMap((found) => Object.values(found))[0];
  const tarball = join(work, filename);
  console.log(`packed ${files.length} files, ${kb(size)} packed, ${kb(unpackedSize)} unpacked`);
  for (const wanted of ['LICENSE', 'README.md', 'package.json', 'dist/esm/index.js', 'dist/cjs/index.cjs']) {
    if (!files.some((file) => file.path === wanted)) fail(`the tarball lacks ${wanted}`);
  }
  const stray = files.map(({ path }) => path).filter((path) => !isWanted(path));
  if (stray.length > 0) fail(`the tarball holds ${stray.join(', ')}`);

  console.log(run(root, process.execPath, ['node_modules/publint/src/cli.js', tarball, '--strict']).trim());
  run(root, process.execPath, ['node_modules/@arethetypeswrong/cli/dist/index.js', tarball, '--no-emoji']);
  console.log('attw: types resolve for Node ESM, Node CommonJS and bundlers');
} finally {
  rmSync(work, { recursive: true, force: true });
}

/**
 * The files that belong into the package: code and declarations, and pages that npm shows or README links to. No sources, source
 * maps or specs.
 */
function isWanted(path) {
  if (['README.md', 'CHANGELOG.md', 'LICENSE', 'package.json'].includes(path)) return true;
  if (/^docs\/(?:(?:api\/(?:(?:wrappers|integrations)\/)?)?[\w-]+\.md|images\/[\w-]+\.png)$/.test(path)) return true;
  return /^dist\/(?:esm\/.*\.(?:js|d\.ts)|(?:bundled|edge|browser)\/.*\.js|cjs\/.*\.(?:cjs|d\.cts)|esm\/viewer\/(?:[\w-]+\/)?[^/]+\.(?:js|css|html|svg))$/.test(
    path,
  );
}

function run(cwd, command, args) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  } catch (error) {
    console.error(error.stdout);
    return fail(`${[command, ...args].join(' ')} ended with ${error.status ?? error.message}`);
  }
}

function fail(message) {
  throw new Error(`package check: ${message}`);
}

function kb(bytes) {
  return `${Math.round(bytes / 1000)} kB`;
}
