// Makes the API reference, docs/api, from the doc comments of lib/: `npm run docs`. TypeDoc needs a TypeScript older than
// this project's, so it is installed outside of the repository, in a folder that is kept for the next time. To use one that is
// there already, or to write elsewhere: --tools <folder with node_modules>, --out <folder>.
//
// Each file of .ci/reference is a page: the comment on top introduces it, its exports are what it documents.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The versions of the tools. Other versions write other pages, so run `npm run docs` after a change. */
export const versions = { typedoc: '0.28.20', 'typedoc-plugin-markdown': '4.14.1', typescript: '6.0.3' };

/** In the order of the table of contents. */
const pages = [
  'decorators',
  'context',
  'client',
  'data',
  'sinks',
  'errors',
  'prices',
  'platform',
  'testing',
  'otlp',
  'propagation',
  'opentelemetry',
];
const wrappers = ['openai', 'anthropic', 'gemini', 'mistral', 'bedrock'];
const integrations = readdirSync(join(root, '.ci/reference/integrations')).map((name) => name.replace(/\.ts$/, ''));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { tools, out } = parseArgs({ options: { tools: { type: 'string' }, out: { type: 'string' } } }).values;
  await generate(tools ?? installed(), out ?? join(root, 'docs/api'));
}

/** Makes the pages in `out` with the tools in the node_modules of `home`. Fails if a doc comment is missing or wrong. */
async function generate(home, out) {
  const require = createRequire(join(home, 'package.json'));
  const { Application } = await import(pathToFileURL(require.resolve('typedoc')).href);
  const plugin = require.resolve('typedoc-plugin-markdown');
  const { MarkdownPageEvent } = await import(pathToFileURL(plugin).href);
  const app = await Application.bootstrapWithPlugins({
    name: 'API reference',
    plugin: [plugin],
    entryPoints: [
      ...pages,
      ...wrappers.map((name) => `wrappers/${name}`),
      ...integrations.map((name) => `integrations/${name}`),
    ].map((name) => join(root, '.ci/reference', `${name}.ts`)),
    tsconfig: join(root, '.ci/reference/tsconfig.json'),
    basePath: join(root, '.ci/reference'),
    readme: join(root, '.ci/reference/readme.md'),
    mergeReadme: true,
    sortEntryPoints: false,
    logLevel: 'Warn',
    treatWarningsAsErrors: true,
    // Compared with the project's own compiler, this one is old; `npm run types` checks the code.
    skipErrorChecking: true,
    // Links to the pages beside are kept as they are; a spec follows them.
    validation: { invalidPath: false, notDocumented: true },
    requiredToBeDocumented: ['Function', 'Class', 'Interface', 'TypeAlias', 'Variable', 'Method', 'Accessor'],
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    disableSources: true,
    intentionallyNotExported: [
      'AnyFunction',
      'ArgumentsOf',
      'CaptureField',
      'ChunkOf',
      'OutputOf',
      'ResultOf',
      'SomeFunction',
      'UserFunction',
    ],
    router: 'module',
    hideBreadcrumbs: true,
    hidePageHeader: true,
    pageTitleTemplates: { module: ({ name }) => (name.includes('/') ? `pandaprobe-ts/${name}` : name) },
    groupOrder: ['Functions', 'Classes', 'Variables', 'Interfaces', 'Type Aliases', '*'],
    useCodeBlocks: true,
    expandParameters: true,
    indexFormat: 'table',
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    propertyMembersFormat: 'table',
    typeDeclarationFormat: 'table',
    tableColumnSettings: { hideInherited: true, hideModifiers: true, hideOverrides: true },
  });
  app.renderer.on(MarkdownPageEvent.END, (page) => {
    // The default `undefined` is not worth a cell.
    const lines = page.contents.replace(/(?<!\\)\| `undefined` (?=\|)/g, '| - ').split('\n');
    page.contents = `${lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd()}\n`;
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('the reference cannot be made');
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error('the doc comments are to be mended: see above');
  for (const reflection of Object.values(project.reflections)) tidy(reflection, project);
  rmSync(out, { recursive: true, force: true });
  await app.outputs.writeOutput({ name: 'markdown', path: out }, project);
}

/** Leaves out repetitions: overloads share one comment, and users need not know from where a member is inherited. */
function tidy(reflection, project) {
  for (const part of [reflection, ...(reflection.signatures ?? [])]) {
    part.inheritedFrom = part.overwrites = part.implementationOf = undefined;
  }
  const [first, ...others] = reflection.signatures ?? [];
  const seen = new Set([parametersOf(first)]);
  for (const signature of others) {
    if (seen.has(parametersOf(signature))) project.removeReflection(signature);
    else if (textOf(signature) === textOf(first)) signature.comment = undefined;
    seen.add(parametersOf(signature));
  }
}

function parametersOf(signature) {
  return signature?.parameters?.map(({ name, type }) => `${name}: ${type}`).join();
}

function textOf({ comment }) {
  return comment?.summary.map(({ text }) => text).join('');
}

/** The folder whose node_modules holds the tools. */
function installed() {
  const hash = createHash('sha256').update(JSON.stringify(versions)).digest('hex').slice(0, 16);
  const home = join(tmpdir(), 'pandaprobe-ts-reference', hash);
  if (existsSync(home)) return home;
  mkdirSync(join(home, '..'), { recursive: true });
  const fresh = mkdtempSync(join(home, '../installing-'));
  writeFileSync(join(fresh, 'package.json'), JSON.stringify({ private: true, dependencies: versions }));
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const flags = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  execFileSync(npm, ['install', ...flags], { cwd: fresh, stdio: 'inherit' });
  renameSync(fresh, home);
  return home;
}
