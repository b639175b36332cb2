import { readdirSync, readFileSync } from 'node:fs';
import { extname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkFiles, checkLib, checkSamples } from './architecture/check.js';
import { unusedExports } from './architecture/exports.js';
import { rooms } from './architecture/rooms.js';
import { filesBelow } from './support/files-below.js';

const root = fileURLToPath(new URL('..', import.meta.url));

const topLevel = [
  ...['package.json', 'tsconfig.json', '.mocharc.json', 'lib', 'spec', 'samples', 'README.md'],
  ...['docs', 'package-lock.json', 'LICENSE', 'CHANGELOG.md', 'CONTRIBUTING.md', 'biome.json'],
  ...['.ci', '.github', '.gitignore', '.npmrc'],
];

/** Files whose exports somebody else than this repository takes: users of the package. */
const publicFiles = new Set(
  [...readFileSync(`${root}package.json`, 'utf8').matchAll(/"\.\/dist\/esm\/([^"]+)\.d\.ts"/g)].map(
    ([, path]) => `lib/${path}.ts`,
  ),
);

/** Files that are loaded by their place: by Node's module hooks, by a page, or instead of another in a build. */
const loadedByPlace = /^lib\/(?:auto\/loader\.ts|local\/viewer\/.*|edge\/.*)$|\.d\.ts$/;

/** Sources below the folders, by path from the top of the repository. */
function sourcesBelow(...folders: string[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const folder of folders) {
    for (const path of filesBelow(`${root}${folder}`)) {
      if (!/\.[cm]?[jt]sx?$/.test(path)) continue;
      files.set(relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8'));
    }
  }
  return files;
}

describe('Architecture', () => {
  describe('lib/', () => {
    const lib = sourcesBelow('lib');

    it('imports down only, as the table of rooms allows', () => {
      expect(lib.size).to.be.greaterThan(20);
      expect(checkLib(lib)).to.deep.equal([]);
    });

    it('exports nothing that only its own file uses', () => {
      const users = sourcesBelow('spec', 'samples', '.ci');
      const isPublic = (path: string) => publicFiles.has(path) || loadedByPlace.test(path);
      expect(publicFiles.size).to.be.greaterThan(10);
      expect(unusedExports(lib, users, isPublic)).to.deep.equal([]);
    });

    it('imports axios in exactly one file', () => {
      const found = [...lib].filter(([, source]) => /from 'axios'/.test(source)).map(([path]) => path);
      expect(found).to.have.lengthOf(1);
    });
  });

  describe('samples/', () => {
    it('imports no spec', () => {
      const samples = sourcesBelow('samples');
      expect(samples.size).to.be.greaterThan(20);
      expect(checkSamples(samples)).to.deep.equal([]);
    });
  });

  describe('the top of the repository', () => {
    it('holds what every project has, and nothing that a program has left there', () => {
      const ignored = readFileSync(`${root}.gitignore`, 'utf8').split('\n');
      const isIgnored = (name: string) =>
        [name, `${name}/`, `*${extname(name)}`].some((line) => ignored.includes(line));
      const found = readdirSync(root).filter((name) => name !== '.git' && !isIgnored(name));
      expect(found.toSorted()).to.deep.equal(topLevel.toSorted());
    });
  });

  describe('every source file', () => {
    it('has a telling name and at most 400 lines', () => {
      expect(checkFiles(sourcesBelow('lib', 'spec', 'samples', '.ci'))).to.deep.equal([]);
    });
  });

  describe('the table of rooms', () => {
    it('lets no room import one of its own or a higher floor', () => {
      for (const [name, room] of Object.entries(rooms)) {
        for (const used of [...room.uses, ...(room.usesTypesOf ?? [])]) {
          expect(rooms[used]?.floor, `${name} uses ${used}`).to.be.lessThan(room.floor);
        }
      }
    });
  });

  describe('the table of folders', () => {
    for (const [room, { folders = {} }] of Object.entries(rooms)) {
      if (Object.keys(folders).length === 0) continue;
      it(`lets no folder of ${room}/ import one of its own or a higher floor`, () => {
        for (const [name, { floor, uses }] of Object.entries(folders)) {
          for (const used of uses) expect(folders[used]?.floor, `${name} uses ${used}`).to.be.lessThan(floor);
        }
      });

      it(`gives ${room}/ at most 6 floors, with that of its own files`, () => {
        expect(new Set(Object.values(folders).map(({ floor }) => floor)).size + 1).to.be.at.most(6);
      });
    }
  });
});
