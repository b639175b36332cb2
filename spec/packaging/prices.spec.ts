import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../support/trial.js';
import { bundle, root } from '../support/user-project.js';

const program = `
  const { init, MemorySink, shutdown, withSpan } = core;
  const memory = new MemorySink();
  init({ sinks: [memory], estimateCost: prices.genaiPrices() });
  const call = () => core.withTrace('agent', () =>
    withSpan('call', { kind: 'LLM', model: 'gpt-5' }, (span) => span.setTokenUsage({ promptTokens: 1000, completionTokens: 100 })));
  call();
  setTimeout(() => {
    call();
    console.log(JSON.stringify(memory.traces.map(({ spans }) => spans[0].cost?.total ?? null)));
    shutdown();
  }, 200);`;
const forms = {
  mjs: `import * as core from 'pandaprobe-ts'; import * as prices from 'pandaprobe-ts/prices';${program}`,
  cjs: `const core = require('pandaprobe-ts'); const prices = require('pandaprobe-ts/prices');${program}`,
};
const line =
  /^\[pandaprobe\] warning: genaiPrices\(\) needs the package @pydantic\/genai-prices, .*npm install @pydantic\/genai-prices\n$/;

describe('The subpath prices', () => {
  let work: string;
  before(async () => {
    // A copy, because a link leads back to where the package is installed for the specs.
    work = await mkdtemp(join(tmpdir(), 'prices-'));
    const own = join(work, 'node_modules/pandaprobe-ts');
    mkdirSync(own, { recursive: true });
    for (const part of ['dist', 'package.json']) cpSync(join(root, part), join(own, part), { recursive: true });
    for (const [name, text] of Object.entries(forms)) writeFileSync(join(work, `program.${name}`), text);
  });
  after(() => rmSync(work, { recursive: true, force: true }));

  const peer = () => join(work, 'node_modules/@pydantic/genai-prices');
  const start = (file: string) =>
    run(process.execPath, [file], work, { NODE_OPTIONS: '--unhandled-rejections=strict' });

  for (const kind of ['mjs', 'cjs'] as const) {
    it(`P35 says in one line what to install, and works without it: ${kind}`, async () => {
      rmSync(peer(), { recursive: true, force: true });
      const { code, stdout, stderr } = await start(`program.${kind}`);
      expect(stderr).to.match(line);
      expect([code, stdout]).to.deep.equal([0, '[null,null]\n']);
    });

    it(`prices the first call, and all others, with it: ${kind}`, async () => {
      mkdirSync(join(peer(), '..'), { recursive: true });
      rmSync(peer(), { recursive: true, force: true });
      symlinkSync(join(root, 'node_modules/@pydantic/genai-prices'), peer(), 'junction');
      expect(await start(`program.${kind}`)).to.deep.include({ code: 0, stdout: '[0.00225,0.00225]\n', stderr: '' });
    });
  }

  for (const format of ['esm', 'cjs'] as const) {
    it(`P35 is part of a bundle with its prices: ${format}`, async () => {
      const file = join(work, `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`);
      await bundle(forms.mjs, file, format);
      rmSync(join(work, 'node_modules'), { recursive: true, force: true });
      const { code, stdout, stderr } = await start(file);
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(JSON.parse(stdout).at(-1)).to.equal(0.00225);
    });
  }
});
