import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { rooms } from '../architecture/rooms.js';
import { filesBelow } from '../support/files-below.js';
import { root } from '../support/user-project.js';
import {
  floorFaults,
  glossaryFaults,
  listFaults,
  pathFaults,
  promiseFaults,
  sourceFaults,
  type Texts,
} from './references.js';

/** Files below the folders whose path from the top of the repository fits. */
function textsBelow(folders: readonly string[], fits: RegExp): Texts {
  const paths = folders.flatMap((folder) =>
    filesBelow(join(root, folder)).map((path) => relative(root, path).replaceAll('\\', '/')),
  );
  return new Map(
    paths
      .filter((path) => fits.test(path) && !path.startsWith('spec/docs/references'))
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  );
}

const code = textsBelow(['lib', 'spec', 'samples', '.ci'], /\.[cm]?[jt]s$/);
const only = (fits: RegExp, texts: Texts): Texts => new Map([...texts].filter(([path]) => fits.test(path)));
const lib = only(/^lib\//, code);
const specs = only(/^spec\/.*\.(?:spec|trial)\.ts$/, code);
const pages = new Map(textsBelow(['docs'], /\.md$/));
for (const name of ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']) {
  pages.set(name, readFileSync(join(root, name), 'utf8'));
}
const promises = pages.get('docs/internals/promises.md') ?? '';

describe('References', () => {
  it('lead to a heading or a public work from every Source', () => {
    expect([...lib.values()].filter((text) => text.includes('Source: ')).length).to.be.greaterThan(40);
    expect(sourceFaults(code, pages)).to.deep.equal([]);
  });

  it('lead to a promise from every number in code, specs and pages', () => {
    expect(specs.size).to.be.greaterThan(80);
    expect(promiseFaults(new Map([...code, ...pages]), promises)).to.deep.equal([]);
  });

  it('lead from every promise to its specs, all of them and no other', () => {
    expect(listFaults(specs, promises)).to.deep.equal([]);
  });

  it('name only files that exist, on the pages for maintainers', () => {
    const internals = only(/^(?:docs\/internals\/.*|CONTRIBUTING\.md)$/, pages);
    expect(internals.size).to.equal(6);
    expect(pathFaults(internals, (path) => existsSync(join(root, path)))).to.deep.equal([]);
  });

  it('draw every room of the code on its floor, and describe it', () => {
    const built = Object.fromEntries(Object.entries(rooms).filter(([name]) => existsSync(join(root, 'lib', name))));
    const architecture = pages.get('docs/internals/architecture.md') ?? '';
    expect(floorFaults(architecture, built)).to.deep.equal([]);
    expect(floorFaults(pages.get('CONTRIBUTING.md') ?? '', built)).to.deep.equal([]);
    const told = [...architecture.matchAll(/^\| `(\w+)\/` \|/gm)].map(([, name]) => name);
    expect(told).to.have.members(Object.keys(built));
  });

  it('name in the glossary only names of the code', () => {
    expect(glossaryFaults(pages.get('docs/internals/glossary.md') ?? '', lib)).to.deep.equal([]);
  });

  describe('the checker', () => {
    const page = '# Contract\n\n### OpenAPI schemas\n\n| `SpanKind` | kinds |\n\n### Rate limit\n\n100 a minute.\n';
    const written = new Map([['docs/internals/backend-contract.md', page]]);
    const faultsOf = (comment: string) => sourceFaults(new Map([['lib/a.ts', comment]]), written);

    for (const comment of [
      '/** Source: backend-contract.md, *Rate limit*. */',
      '/**\n * One key. Source: backend-contract.md,\n * *Rate limit*; it is low.\n */',
      '// Held back (backend-contract.md, *Rate limit*).',
      '/** Source: OpenAPI, SpanKind. */',
      "/** Source: the backend's OpenAPI, `SpanKind`, and PostgreSQL's `width_bucket`. */",
      '/** Source: RFC 9110, section 10.2.3. */',
      '/** Source: sched(7), nice. */',
      '/** Source: https://no-color.org */',
      '/** Source: Myers, An applicative random-access stack, 1983. */',
      '/** Source: `@sentry/core` 8 to 11, carrier and tracing/constants. */',
    ]) {
      it(`accepts ${JSON.stringify(comment)}`, () => {
        expect(faultsOf(comment)).to.deep.equal([]);
      });
    }

    const elsewhere = 'is neither a heading of the documentation nor a public work';
    for (const [comment, fault] of [
      [
        '/** Source: backend-contract.md, *Rate limits*. */',
        'there is no heading “Rate limits” in backend-contract.md',
      ],
      ['// Held back (contract.md, *Rate limit*).', 'there is no heading “Rate limit” in contract.md'],
      ['// Held back (contract, *Rate limit*).', 'there is no heading “Rate limit” in contract'],
      [
        '/** Source: backend-contract.md, *Rate limit*, *Quota*. */',
        'there is no heading “Quota” in backend-contract.md',
      ],
      ['/** Source: the backend answers 422. */', `“the backend answers 422” ${elsewhere}`],
      ['/** Source: seen on the platform. */', `“seen on the platform” ${elsewhere}`],
      ['/** Source: OpenAPI, SpanKinds. */', 'SpanKinds is not in the table of “OpenAPI schemas”'],
    ] as const) {
      it(`refuses ${comment}`, () => {
        expect(faultsOf(comment)).to.deep.equal([`lib/a.ts: ${fault}`]);
      });
    }

    const kept =
      '### P1 Kept\n\nIt holds.\n\nSpecs: [a.spec.ts](../../spec/a.spec.ts)\n\n### P2 Planned\n\n*Not yet kept.*\n';
    const specA = ['spec/a.spec.ts', "it('P1 holds')"] as const;

    it('refuses a number that is no promise', () => {
      const texts = new Map([specA, ['lib/a.ts', `// promise P${3}`]]);
      expect(promiseFaults(texts, kept)).to.deep.equal(['lib/a.ts: there is no promise P3']);
    });

    it('accepts a list of the specs with the number', () => {
      expect(listFaults(new Map([specA]), kept)).to.deep.equal([]);
    });

    for (const [what, texts, fault] of [
      [
        'a spec that is not listed',
        new Map([specA, ['spec/b.spec.ts', "it('P1 too')"]]),
        'P1: write\nSpecs: [a.spec.ts](../../spec/a.spec.ts) ·\n[b.spec.ts](../../spec/b.spec.ts)',
      ],
      ['a listed spec without the number', new Map(), 'P1: write\n*Not yet kept.*'],
      [
        'a promise that is kept and said not to be',
        new Map([specA, ['spec/c.spec.ts', "it('P2 holds')"]]),
        'P2: write\nSpecs: [c.spec.ts](../../spec/c.spec.ts)',
      ],
    ] as const) {
      it(`refuses ${what}`, () => {
        expect(listFaults(texts, kept)).to.deep.equal([fault]);
      });
    }

    it('refuses a path that leads nowhere, but for the example', () => {
      const guide = new Map([['CONTRIBUTING.md', 'Open `lib/gone.ts`, `lib/here/` or `lib/wrappers/acme.ts`.']]);
      expect(pathFaults(guide, (path) => path === 'lib/here/')).to.deep.equal([
        'CONTRIBUTING.md: there is no lib/gone.ts',
      ]);
    });

    it('refuses a room that is not drawn, or on another floor', () => {
      const drawing = '    floor 1   model\n    floor 0   common\n';
      expect(floorFaults(drawing, { common: { floor: 1 }, model: { floor: 1 }, engine: { floor: 2 } })).to.deep.equal([
        'common is not drawn on floor 1',
        'engine is not drawn on floor 2',
      ]);
    });

    it('refuses a name in the glossary that the code no longer has', () => {
      const glossary = '| queue | the pending items (`Queue`) |\n| `Turns` | loop |';
      expect(glossaryFaults(glossary, new Map([['lib/a.ts', 'class Queue {}']]))).to.deep.equal(['Turns']);
    });
  });
});
