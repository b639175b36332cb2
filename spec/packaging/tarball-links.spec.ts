import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { expect } from 'chai';
import { packed, printed, run } from '../support/trial.js';

describe('The tarball', () => {
  let folder: string;
  let files: ReadonlySet<string>;
  before(async function () {
    this.timeout(60_000);
    folder = await mkdtemp(join(tmpdir(), 'tarball-'));
    await printed(run('tar', ['-xzf', await packed(), '-C', folder, '--strip-components=1'], folder));
    const entries = await readdir(folder, { recursive: true });
    files = new Set(entries.map((path) => path.replaceAll('\\', '/')));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** What a page leads to, however it is written: links, pictures, references and HTML. */
  function targetsOf(page: string): string[] {
    const text = readFileSync(join(folder, page), 'utf8').replace(/```[\s\S]*?```/g, '');
    const written = [/\]\(\s*<?([^)\s>]+)/g, /^\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm, /\b(?:href|src)\s*=\s*["']([^"']+)/g];
    return written.flatMap((form) => [...text.matchAll(form)].map(([, target = '']) => target));
  }

  it('P35 holds everything that its pages link to or show', () => {
    const pages = [...files].filter((path) => path.endsWith('.md'));
    expect(pages.length).to.be.greaterThan(20);
    expect(pages.flatMap(targetsOf).length).to.be.greaterThan(100);
    const broken = pages.flatMap((page) =>
      targetsOf(page)
        .filter((target) => !/^(?:[a-z]+:|#)/i.test(target))
        .filter((target) => !files.has(posix.join(posix.dirname(page), target.replace(/[?#].*/, ''))))
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).to.deep.equal([]);
  });

  it('P35 requires no version of any client or framework', () => {
    const { peerDependencies, dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const peers = ['@modelcontextprotocol/sdk', '@modelcontextprotocol/server', '@pydantic/genai-prices', 'libsql'];
    expect(peerDependencies).to.deep.equal(Object.fromEntries(peers.map((name) => [name, '*'])));
    expect(Object.keys(dependencies)).to.deep.equal(['axios', 'reflect-metadata', 'uuid']);
  });
});
