import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { attachments } from '../../lib/auto/attachments.js';
import { FileEdits } from '../../lib/auto/file-edits.js';
import { Matching } from '../../lib/auto/matching.js';
import { rewrite } from '../../lib/auto/rewrite.js';
import { isAmong, knownPackages } from '../../lib/common/known-packages.js';

describe('What is attached to', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'matching-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Installs a package under any folder name. */
  function install(at: string, manifest: object, files: Readonly<Record<string, string>> = {}): string {
    const home = join(folder, 'node_modules', at);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), JSON.stringify(manifest));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(home, path, '..'), { recursive: true });
      writeFileSync(join(home, path), text);
    }
    return home;
  }

  function find(file: string, source: string): { readonly ids: readonly string[]; readonly notes: readonly string[] } {
    const notes: string[] = [];
    const matching = new Matching(attachments, (line) => notes.push(line));
    const found = () => matching.find(file, source).map(({ id }) => id);
    found();
    return { ids: found(), notes };
  }

  it('is found by the name in package.json, whatever the folder is called', () => {
    const home = install('alias', { name: 'openai', version: '6.1.0' });
    expect(find(join(home, 'client.mjs'), 'export class OpenAI {}')).to.deep.equal({ ids: ['openai'], notes: [] });
    const other = install('openai', { name: 'not-openai', version: '6.1.0' });
    expect(find(join(other, 'client.mjs'), 'export class OpenAI {}')).to.deep.equal({ ids: [], notes: [] });
  });

  it('is found at a path of Windows', () => {
    const home = install('windows', { name: 'openai', version: '6.1.0' });
    const file = `${home}/esm\\client.mjs`;
    expect(new Matching(attachments, () => {}).isNear('C:\\app\\node_modules\\openai\\client.mjs')).to.equal(true);
    expect(find(file, 'export class OpenAI {}').ids).to.deep.equal(['openai']);
    const edited = new FileEdits(undefined, () => {}).editText(file, 'export class OpenAI {}', 'module');
    expect(edited).to.include('OpenAI=');
  });

  it('looks past a package.json without a name', () => {
    const manifest = { name: '@modelcontextprotocol/sdk', version: '1.32.2' };
    const home = install('@modelcontextprotocol/sdk', manifest, { 'dist/esm/package.json': '{"type":"module"}' });
    expect(find(join(home, 'dist/esm/client/index.js'), 'export class Client extends Protocol {}').ids).to.deep.equal([
      'mcp',
    ]);
  });

  it('leaves an unknown version alone, with one line', () => {
    for (const version of ['3.3.1', '8.0.0', '12.0.0', 'next']) {
      const home = install(`openai-${version}`, { name: 'openai', version });
      const { ids, notes } = find(join(home, 'client.js'), 'class OpenAI {}');
      expect(ids).to.deep.equal([]);
      expect(notes).to.deep.equal([`auto: openai ${version} is left alone; recorded are the versions 4 to 7`]);
    }
  });

  it('leaves files without a package, without the class, or of another path alone', () => {
    const home = install('plain', { name: 'openai', version: '6.1.0' });
    for (const [path, source] of [
      ['client.mjs', 'export class Other {}'],
      ['resources/chat.mjs', 'export class OpenAI {}'],
      ['client.mts', 'export class OpenAI {}'],
    ] as const) {
      expect(find(join(home, path), source).ids, path).to.deep.equal([]);
    }
    expect(find(join(tmpdir(), 'client.mjs'), 'export class OpenAI {}').ids).to.deep.equal([]);
    install('broken', {});
    writeFileSync(join(folder, 'node_modules/broken/package.json'), '{');
    expect(find(join(folder, 'node_modules/broken/client.mjs'), 'class OpenAI {}').ids).to.deep.equal([]);
  });

  it('compares versions with ranges such as "4 to 7"', () => {
    const among: [version: string, range: string, is: boolean][] = [
      ['4.0.0', '4 to 7', true],
      ['7.59.0', '4 to 7', true],
      ['3.9.9', '4 to 7', false],
      ['8.0.0-beta.1', '4 to 7', false],
      ['7.0.0-beta.1', '4 to 7', true],
      ['0.20.0', '0.20 to 1', true],
      ['0.19.9', '0.20 to 1', false],
      ['1.14.0', '0.20 to 1', true],
      ['2.0.0', '0.20 to 1', false],
      ['0.3.80', '0.3 and 1.x', true],
      ['0.4.0', '0.3 and 1.x', false],
      ['1.4.0', '0.3 and 1.x', true],
      ['0.200.0', '0.20', false],
      ['0.20.7', '0.20', true],
      ['', '4 to 7', false],
      ['latest', '3', false],
    ];
    for (const [version, range, is] of among) expect(isAmong(version, range), `${version} in ${range}`).to.equal(is);
  });

  it('is attached to in the versions that are known, under the same names', () => {
    for (const { id, package: name, versions } of attachments) {
      const known = knownPackages.filter((each) => each.id === id).map((each) => each.versions);
      expect(known, name).to.include(versions);
    }
    const without = knownPackages.filter(({ id }) => !attachments.some((each) => each.id === id));
    // The last two run on LangChain, and are recorded as its runs are; the others are attached in code.
    expect(without.map(({ id }) => id)).to.deep.equal(['google-adk', 'strands', 'langgraph', 'deepagents']);
  });

  describe('the line that is added', () => {
    const openai = attachments.filter(({ id }) => id === 'openai');

    it('names what the file declares at its top level, and nothing else', () => {
      for (const declared of ['class OpenAI {', 'export class OpenAI extends Core {', 'var OpenAI = _OpenAI;']) {
        expect(rewrite(`x;\n${declared}`, openai, 'module'), declared).to.match(/^;try\{OpenAI=.*\}catch\{\};$/m);
      }
      for (const other of ['  class OpenAI {', 'class OpenAIError {', '// class OpenAI', 'exports.OpenAI = x;']) {
        expect(rewrite(other, openai, 'module'), other).to.equal(undefined);
      }
    });

    it('keeps every line where it was, and stands outside of a last comment', () => {
      const source = 'export class OpenAI {}\n//# sourceMappingURL=client.mjs.map';
      const lines = rewrite(source, openai, 'module')?.split('\n');
      expect(lines?.slice(0, 2)).to.deep.equal(source.split('\n'));
      expect(lines?.[2]).to.match(/^;try/);
    });

    it('finds the inner names of the exports of a minified file', () => {
      const sdk = attachments.filter(({ id }) => id === 'claude-agent-sdk');
      const source = 'function $a({prompt:e}){}async function b(){}export{x as AbortError,$a as query,b as startup};';
      const added = rewrite(source, sdk, 'module') ?? '';
      expect(added).to.match(/;try\{\$a=.*\.take\(\d+,"query",\$a\)\}catch\{\};try\{b=.*"startup",b\)\}catch\{\};\n$/);
      expect(rewrite('function query(){}export{queryAll as queries};', sdk, 'module')).to.equal(undefined);
    });

    it('exports the replacement as default, too', () => {
      const text = rewrite('export class OpenAI {}\nexport default OpenAI;\n', openai, 'module');
      expect(text).to.include('\nexport { OpenAI as default };\n').and.not.include('export default');
    });
  });

  it('leaves a file unchanged if a load hook returns something unexpected', () => {
    const edits = new FileEdits(undefined, () => {});
    const home = install('odd', { name: 'openai', version: '6.1.0' });
    const url = pathToFileURL(join(home, 'client.mjs')).href;
    const source = 'export class OpenAI {}';
    for (const result of [
      { format: 'json', source },
      { format: 'module', source: null },
      { format: 'module', source: 5 },
      { format: null },
      { format: 'module-typescript', source },
    ]) {
      expect(edits.edit(url, result)).to.equal(result);
    }
    const loaded = { format: 'module', source };
    for (const other of [
      'node:fs',
      'data:text/javascript,client.mjs',
      'file:///%ff/client.mjs',
      'https://x/client.mjs',
    ]) {
      expect(edits.edit(other, loaded), other).to.equal(loaded);
    }
    for (const format of [null, undefined]) {
      expect(edits.edit(url, { format, source }).source).to.include('take(').and.not.include('put(');
      expect(edits.edit(url, { format, source: 'class OpenAI {}' }).source)
        .to.include('take(')
        .and.include('put(');
    }
    expect(edits.edit(`${url}?a#b`, loaded).source)
      .to.include(source)
      .and.not.equal(source);
    expect(edits.edit(url, { format: 'module', source: Buffer.from(source) }).source).to.include('catch');
    expect(new FileEdits(['ai'], () => {}).edit(url, loaded)).to.equal(loaded);
  });
});
