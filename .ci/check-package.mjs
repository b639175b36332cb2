// Packs the package as npm would publish it, lets publint and attw look at the tarball, then installs it into an empty
// ESM project and an empty CommonJS project and uses it there.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Runs in both projects after `api` is loaded. */
const useIt = `
const sink = new api.MemorySink();
api.init({ sinks: [sink] });
api.withTrace('run', () => api.withSpan('step', () => {}));
api.flush().then(({ ok }) => {
  const [trace] = sink.traces;
  console.log(ok && trace.name === 'run' && trace.spans[0].name === 'step' ? 'recorded' : sink.traces);
});
`;

/** Must compile as ESM and as CommonJS, with no types but the standard library's. */
const typedUse = `
import { span, startTrace, trace } from '${name}';
export class Agent {
  @trace({ name: 'agent', tags: ['support'] })
  async run(question: string): Promise<string> {
    return this.answer(question);
  }
  @span({ kind: 'LLM' })
  async answer(question: string): Promise<string> {
    return question;
  }
}
export const answer: Promise<string> = new Agent().run('why');
using handle = startTrace('pipeline');
export const id: string = handle.traceId;
`;

const work = mkdtempSync(join(tmpdir(), 'package-'));
try {
  const packed = run(root, npm, ['pack', '--json', '--ignore-scripts', '--pack-destination', work]);
  const { filename, size, unpackedSize, files } = [JSON.parse(packed)].flatMap((found) => Object.values(found))[0];
  const tarball = join(work, filename);
  console.log(`packed ${files.length} files, ${kb(size)} packed, ${kb(unpackedSize)} unpacked`);
  for (const wanted of ['LICENSE', 'README.md', 'package.json', 'dist/esm/index.js', 'dist/cjs/index.cjs']) {
    if (!files.some((file) => file.path === wanted)) fail(`the tarball lacks ${wanted}`);
  }
  const stray = files.filter((file) => !/^(dist\/|README\.md|CHANGELOG\.md|LICENSE|package\.json$)/.test(file.path));
  if (stray.length > 0) fail(`the tarball holds ${stray.map((file) => file.path).join(', ')}`);

  console.log(run(root, process.execPath, ['node_modules/publint/src/cli.js', tarball, '--strict']).trim());
  run(root, process.execPath, ['node_modules/@arethetypeswrong/cli/dist/index.js', tarball, '--no-emoji']);
  console.log('attw: types resolve for Node ESM, Node CommonJS and bundlers');

  tryOut('module', tarball, 'use.mjs', `import * as api from '${name}';`);
  tryOut('commonjs', tarball, 'use.cjs', `const api = require('${name}');`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Installs the tarball into an empty project of this module kind, loads it, compiles against it, records a trace. */
function tryOut(type, tarball, file, load) {
  const project = join(work, type);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: `empty-${type}`, private: true, type }));
  run(project, npm, ['install', tarball, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']);
  writeFileSync(join(project, file), `${load}\n${useIt}`);
  const printed = run(project, process.execPath, ['--trace-warnings', file]).trim();
  if (printed !== 'recorded') fail(`in an empty ${type} project it printed: ${printed}`);

  const typed = file.replace(/js$/, 'ts');
  writeFileSync(join(project, typed), typedUse);
  const compile = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2022,esnext.disposable',
  ];
  run(project, process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...compile, typed]);
  console.log(`installed, loaded and compiled in an empty ${type} project`);
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
