import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { VERSION } from '../../lib/common/version.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { bundle, root, runNode } from '../support/user-project.js';

describe('The built package', () => {
  let work: string;
  let receiver: Receiver;
  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'delivery-'));
  });
  after(() => rm(work, { recursive: true, force: true }));
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  /** What the program prints, and the names of the traces that arrived. */
  async function deliver(path: string, worker: string): Promise<{ printed: string; arrived: string[] }> {
    const printed = await runNode([join(root, 'spec/packaging/deliver.mjs'), path, worker], {
      PANDAPROBE_ENDPOINT: receiver.url,
      PANDAPROBE_API_KEY: 'sk_pp_key',
      PANDAPROBE_PROJECT_NAME: 'packaging',
    });
    return { printed, arrived: receiver.traces.map(({ name }) => name) };
  }

  /** A copy of the package whose file is of another version: it is loaded all the same, but not at once. */
  async function mixedVersions(): Promise<string> {
    const mixed = join(work, 'mixed');
    await cp(join(root, 'dist'), mixed, { recursive: true });
    await writeFile(join(work, 'package.json'), '{"type":"module"}');
    const path = join(mixed, 'cjs/pandaprobe-delivery.cjs');
    const code = await readFile(path, 'utf8');
    const other = code.replaceAll(VERSION, '0.0.1');
    expect(other).not.to.equal(code);
    await writeFile(path, other);
    return mixed;
  }

  for (const worker of ['inline', 'thread']) {
    it(`does not disturb the program if a proxy is set and axios is missing (${worker})`, async () => {
      const alone = join(work, worker);
      await cp(join(root, 'dist'), alone, { recursive: true });
      await writeFile(join(alone, 'package.json'), '{"type":"module"}');
      const code = `
        import { flush, withTrace } from ${JSON.stringify(join(alone, 'esm/index.js'))};
        withTrace('t', () => {});
        await flush({ timeoutMs: 500 });`;
      const told = runNode(['--input-type=module', '-e', code], {
        ...{ HTTP_PROXY: 'http://127.0.0.1:9', PANDAPROBE_WORKER: worker, PANDAPROBE_EXIT_TIMEOUT: '0' },
        ...{ PANDAPROBE_ENDPOINT: 'http://backend.invalid', PANDAPROBE_API_KEY: 'k', PANDAPROBE_PROJECT_NAME: 'p' },
      });
      // It ends well, and all it says is what could not be delivered.
      const fault = await told.catch((error: Error) => error.message);
      expect(fault).to.match(/^node ended with 0:\n\[pandaprobe\] error: 1 item could not be delivered .*\n$/);
    });
  }

  for (const file of ['esm/index.js', 'cjs/index.cjs']) {
    it(`delivers from dist/${file} by a thread`, async () => {
      const { printed, arrived } = await deliver(join(root, 'dist', file), 'thread');
      expect(printed).to.equal('1 threads; ok, 1 delivered\n');
      expect(arrived).to.deep.equal(['run']);
    });

    it(`delivers from dist/${file} on the main thread when asked to`, async () => {
      const { printed, arrived } = await deliver(join(root, 'dist', file), 'inline');
      expect(printed).to.equal('0 threads; ok, 1 delivered\n');
      expect(arrived).to.deep.equal(['run']);
    });
  }

  it('delivers if the file at the expected path is of another version', async () => {
    const mixed = await mixedVersions();
    const { printed, arrived } = await deliver(join(mixed, 'esm/index.js'), 'auto');
    expect(printed).to.equal('1 threads; ok, 1 delivered\n');
    expect(arrived).to.deep.equal(['run']);
  });

  it('records names, and a note instead of each value, while its second file is being loaded', async () => {
    const mixed = await mixedVersions();
    const code = `
      import { init, MemorySink, score, startTrace, withTrace } from ${JSON.stringify(join(mixed, 'esm/index.js'))};
      process.stderr.write = () => true;
      const memory = new MemorySink();
      init({ apiKey: 'k', projectName: 'p', sinks: [memory], mask: (value) => value });
      const early = { input: { messages: [{ role: 'user', content: 'password=x' }] }, tags: ['secret'], metadata: { key: 'x' } };
      withTrace('early', early, (t) => t.withSpan('step', (s) => s.setOutput('x')));
      score('a1b2c3d4-e5f6-4890-abcd-ef1234567890', 'early', 1);
      const open = startTrace('both', { input: { messages: [] } });
      for (let left = 1000; left > 0 && memory.scores.length === 0; left -= 1) {
        await new Promise((resolve) => setImmediate(resolve));
        score('a1b2c3d4-e5f6-4890-abcd-ef1234567890', 'then', 1);
      }
      open.setOutput({ messages: [{ role: 'assistant', content: 'read' }] }).end();
      console.log(JSON.stringify([memory.traces, memory.scores.length]));`;
    const [[early, both], scores] = JSON.parse(await runNode(['--input-type=module', '-e', code]));
    const note = '[Not recorded: pandaprobe-ts was still being loaded]';
    expect(early).to.deep.include({ name: note, input: note, tags: [note], metadata: { value: note } });
    expect(early.spans[0]).to.deep.include({ name: note, output: note });
    expect(both.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'read' }] });
    expect(scores).to.equal(1);
  });

  for (const extension of ['mjs', 'cjs'] as const) {
    it(`delivers by a thread from an application bundled into one .${extension} file`, async () => {
      const path = join(work, `bundle.${extension}`);
      await bundle('export * from "pandaprobe-ts";', path, extension === 'mjs' ? 'esm' : 'cjs');
      const { printed, arrived } = await deliver(path, 'auto');
      expect(printed).to.equal('1 threads; ok, 1 delivered\n');
      expect(arrived).to.deep.equal(['run']);
    });
  }
});
