import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { bundle, runNode } from '../support/user-project.js';

describe('P19 One engine', () => {
  let work: string;
  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'copies-'));
  });
  after(() => rm(work, { recursive: true, force: true }));

  for (const format of ['esm', 'cjs'] as const) {
    it(`nests spans of the ESM copy, the CommonJS copy and a copy bundled as ${format} in one trace`, async () => {
      const path = join(work, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs');
      await bundle('export * from "pandaprobe-ts";', path, format);
      const printed = await runNode(['spec/packaging/nest-copies.mjs', path]);
      const details = (title: string) => `COMPLETED {"by":"${title}"}
plan: undefined {"by":"inner"}
search: model of one {}
search: model of two {}
answer: undefined {}
write: undefined {}
`;
      const tree = (title: string) => `trace of ${title}
├─ plan OTHER
│  ├─ search TOOL
│  └─ search TOOL
└─ answer CHAIN
   └─ write LLM
`;
      const titles = ['esm', 'cjs', 'bundle'];
      expect(printed).to.equal([...titles.map(details), ...titles.map(tree)].join(''));
    });
  }
});
