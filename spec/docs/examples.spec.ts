import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { readSettings } from '../../lib/config/settings.js';
import * as api from '../../lib/index.js';
import { startReceiver } from '../support/receiver.js';
import { run, settingsFor } from '../support/trial.js';
import { typeErrors } from '../support/tsc.js';
import { root, userProject } from '../support/user-project.js';

/** The doc comments of exported declarations under lib/, by name. */
function docComments(): Map<string, string> {
  const found = new Map<string, string>();
  const files = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const declaration =
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export (?:declare |abstract |async )*(?:function\*?|class|const|interface|type) (\w+)/g;
  for (const file of files) {
    for (const [, comment = '', name = ''] of readFileSync(join(root, 'lib', file), 'utf8').matchAll(declaration)) {
      found.set(name, `${found.get(name) ?? ''}\n${comment.replace(/^\s*\* ?/gm, '')}`);
    }
  }
  return found;
}

/** The fenced code of a text. */
function codeBlocks(text: string, language = 'ts'): string[] {
  return [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, found, code = '']) =>
    found === language ? [code] : [],
  );
}

/** A module of one example: what it uses of the package is imported, unless it does so itself. */
function asModule(code: string): string {
  if (code.includes("from 'pandaprobe-ts'")) return code;
  const taken = (code.match(/^import .* from /gm) ?? []).join();
  const names = publicNames().filter((name) => {
    const word = new RegExp(`\\b${name}\\b`);
    return word.test(code) && !word.test(taken);
  });
  return `import { ${names.join(', ')} } from 'pandaprobe-ts';\n${code}\nexport {};\n`;
}

/** Every name the main entry exports, types included. */
function publicNames(): string[] {
  const index = readFileSync(join(root, 'lib/index.ts'), 'utf8');
  return [...index.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    list
      .split(',')
      .map((name) => name.replace(/\btype\b| as \w+/g, '').trim())
      .filter((name) => name !== ''),
  );
}

async function errorsOf(modules: readonly string[]): Promise<Record<string, string>> {
  const work = await userProject();
  try {
    for (const peer of providers) link(join(root, 'node_modules', peer), work, peer);
    for (const peer of frameworks) link(join(root, 'spec/integrations/node_modules', peer), work, peer);
    const known = modules.filter((code) => hasFrameworks || !frameworks.some((name) => code.includes(`from '${name}`)));
    const sources = Object.fromEntries(known.map((code, i) => [`example-${i}.ts`, code]));
    const lib = ['ES2023', 'ESNext.Disposable', 'ESNext.Decorators', 'DOM'];
    const options = { lib, typeRoots: [join(root, 'node_modules/@types')], types: ['node'] };
    // The declarations of the packages that users bring along are not ours to check.
    return await typeErrors(work, sources, { ...options, skipLibCheck: true });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Has the project in `work` find a package that is installed elsewhere. */
function link(installed: string, work: string, name: string): void {
  if (!existsSync(installed)) return;
  const place = join(work, 'node_modules', name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(installed, place, 'junction');
}

const providers = [
  'axios',
  'fastify',
  'openai',
  '@anthropic-ai/sdk',
  '@google/genai',
  '@mistralai/mistralai',
  '@aws-sdk',
];

/** Installed apart from the project: without them, examples that import them are left out, but not on a build server. */
const frameworks = Object.keys(
  (JSON.parse(readFileSync(join(root, 'spec/integrations/package.json'), 'utf8')) as { devDependencies: object })
    .devDependencies,
).filter((name) => name !== 'zod' && !providers.includes(name));
const hasFrameworks = process.env.CI === 'true' || existsSync(join(root, 'spec/integrations/node_modules'));

/** Runs ES modules and CommonJS scripts against a backend of our own, and gives what failed. */
async function failuresOf(modules: readonly string[], scripts: readonly string[]): Promise<string[]> {
  const work = await userProject();
  const receiver = await startReceiver();
  try {
    const files = [
      ...modules.map((code, i) => ({ path: join(work, `example-${i}.mts`), code })),
      ...scripts.map((code, i) => ({ path: join(work, `script-${i}.cjs`), code })),
    ];
    for (const { path, code } of files) writeFileSync(path, code.replaceAll('/var/spool', work));
    const args = ['--import=tsx', 'spec/docs/run-examples.mjs', ...files.map(({ path }) => path)];
    const { code, stdout, stderr } = await run(process.execPath, args, root, settingsFor(receiver.url));
    if (code !== 0) throw new Error(`ended with ${code}:\n${stderr}`);
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  } finally {
    await receiver.close();
    await rm(work, { recursive: true, force: true });
  }
}

describe('Documentation', () => {
  it('has an example for every function, class and constant of the package', () => {
    const comments = docComments();
    const without = Object.keys(api).filter((name) => codeBlocks(comments.get(name) ?? '').length === 0);
    expect(without).to.deep.equal([]);
  });

  it('has a sentence for every public name', () => {
    const comments = docComments();
    expect(publicNames().filter((name) => (comments.get(name) ?? '').trim() === '')).to.deep.equal([]);
  });

  it('has examples that compile', async function () {
    this.timeout(120_000);
    const modules = [...docComments().values()].flatMap((text) => codeBlocks(text)).map(asModule);
    expect(modules.length).to.be.greaterThan(20);
    expect(await errorsOf(modules)).to.deep.equal({});
  });

  it('has a README whose code compiles', async function () {
    this.timeout(120_000);
    const modules = codeBlocks(readFileSync(join(root, 'README.md'), 'utf8')).map(asModule);
    expect(modules.length).to.be.greaterThan(8);
    expect(await errorsOf(modules)).to.deep.equal({});
  });

  it('has a README of at most 180 lines', () => {
    expect(readFileSync(join(root, 'README.md'), 'utf8').split('\n').length).to.be.at.most(180);
  });

  it('has pages under docs/ whose code compiles', async function () {
    this.timeout(120_000);
    const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
    const modules = pages.flatMap((name) => codeBlocks(readFileSync(join(root, 'docs', name), 'utf8'))).map(asModule);
    expect(modules.length).to.be.greaterThan(15);
    expect(await errorsOf(modules)).to.deep.equal({});
  });

  it('has examples that run when they are pasted, as ES modules and as CommonJS', async function () {
    this.timeout(120_000);
    const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
    const texts = ['README.md', ...pages.map((name) => join('docs', name))].map((path) =>
      readFileSync(join(root, path), 'utf8'),
    );
    const examples = [...texts, ...docComments().values()].flatMap((text) => codeBlocks(text));
    // A provider's client wants a key and a network; what is only declared is the reader's own.
    const modules = examples.filter((code) => !/^import .* from '(?!pandaprobe-ts|node:)|^declare /m.test(code));
    expect(modules.length).to.be.greaterThan(40);
    const scripts = texts.flatMap((text) => codeBlocks(text, 'js')).filter((code) => code.includes('require('));
    expect(scripts.length).to.be.greaterThan(0);
    expect(await failuresOf(modules.map(asModule), scripts)).to.deep.equal([]);
  });

  it('has a page that lists every option, every error code and every variable', async () => {
    const page = readFileSync(join(root, 'docs/settings.md'), 'utf8');
    const files = ['settings.ts', 'auto.ts'].map((file) => readFileSync(join(root, 'lib/config', file), 'utf8'));
    const { isServerless: _, missing: __, wrong: ___, ...own } = readSettings({}, {}).settings;
    const options = [...Object.keys(own), 'flushInterval'];
    const variables = [...new Set(files.join('\n').match(/PANDAPROBE_[A-Z_]+/g))];
    expect(options.length).to.be.greaterThan(20);
    expect(
      [...options, ...variables, ...Object.keys(api.errorCodes)].filter((name) => !page.includes(`\`${name}\``)),
    ).to.deep.equal([]);
    const mentioned = new Set([...page.matchAll(/`(PANDAPROBE_[A-Z_]+)`/g)].map(([, name]) => name));
    expect([...mentioned].filter((name) => name !== undefined && !variables.includes(name))).to.deep.equal([]);
  });

  it('is checked by a compiler that finds a wrong example', async function () {
    this.timeout(60_000);
    const errors = await errorsOf([asModule("startTrace('t').setStatus('DONE');"), asModule("startTrace('t').end();")]);
    expect(Object.keys(errors)).to.deep.equal(['example-0.ts:2']);
  });
});
