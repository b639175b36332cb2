import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { viewerFolder } from '../../../lib/local/viewer-folder.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('Viewer: its files', () => {
  const files = readdirSync(viewerFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(viewerFolder, `${entry.parentPath}/${entry.name}`))
    // The build puts the code of packages there.
    .filter((name) => !/^vendor\/.*\.js$/.test(name))
    .map((name) => ({ name, text: readFileSync(`${viewerFolder}${name}`, 'utf8') }));

  it('are typed by their comments', async function () {
    this.timeout(60_000);
    const tsc = `${root}node_modules/typescript/bin/tsc`;
    const errors = await promisify(execFile)(process.execPath, [tsc, '-p', 'spec/local/viewer/tsconfig.json'], {
      cwd: root,
    }).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    );
    expect(errors).to.equal('');
  });

  it('never read a text as markup or as code', () => {
    const sinks =
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\(['"](?:style|on)|srcdoc|DOMParser/;
    const scripts = files.filter(({ name }) => name.endsWith('.js'));
    expect(scripts.length).to.be.greaterThan(20);
    expect(scripts.filter(({ text }) => sinks.test(text)).map(({ name }) => name)).to.deep.equal([]);
  });

  it('name no other address, and hold no inline script or style', () => {
    const others = files
      .filter(({ text }) => /https?:\/\/(?!www\.w3\.org\/2000\/svg)/.test(text))
      .map(({ name }) => name);
    expect(others).to.deep.equal([]);
    const html = files.find(({ name }) => name === 'index.html')?.text ?? '';
    expect(html).to.not.match(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/);
  });

  /** The files a module needs before it can run, itself among them. */
  const graphOf = (name: string, found = new Set<string>()): Set<string> => {
    if (found.has(name)) return found;
    found.add(name);
    const { text = '' } = files.find((file) => file.name === name) ?? {};
    for (const [, next = ''] of text.matchAll(/^(?:import|export) [^;]*from '(\.[\w./-]+\.js)'/gm)) {
      graphOf(posix.join(posix.dirname(name), next), found);
    }
    return found;
  };

  it('are requested together for a trace, not one after the other as the imports are read', () => {
    const html = files.find(({ name }) => name === 'index.html')?.text ?? '';
    const preloaded = [...html.matchAll(/modulepreload" href="([\w/-]+\.js)"/g)].map(([, name]) => name);
    const needed = graphOf('pages/trace.js', graphOf('app.js'));
    expect(needed.size).to.be.greaterThan(15);
    expect([...preloaded, 'app.js'].sort()).to.deep.equal([...needed].sort());
  });

  it('are all loaded by the page', () => {
    const loaded = new Set<string>();
    const visit = (name: string) => {
      if (loaded.has(name)) return;
      loaded.add(name);
      const { text = '' } = files.find((file) => file.name === name) ?? {};
      for (const [, found = ''] of text.matchAll(/(?:from |import\()'(\.[\w./-]+\.js)'/g)) {
        visit(posix.join(posix.dirname(name), found));
      }
      for (const [, found = ''] of text
        .replaceAll(/.*modulepreload.*/g, '')
        .matchAll(/(?:src|href)="([\w/-]+\.(?:js|css|svg))"/g))
        visit(found);
    };
    visit('index.html');
    const idle = files.map(({ name }) => name).filter((name) => !loaded.has(name) && !name.endsWith('.d.ts'));
    expect(idle).to.deep.equal([]);
  });
});
