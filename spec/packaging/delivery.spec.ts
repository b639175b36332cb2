import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { VERSION } from '../../lib/common/version.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { bundle, root, runNode } from './programs.js';

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

  for (const worker of ['inline', 'thread']) {
    it(`leaves the program alone where a proxy is named and axios is not there (${worker})`, async () => {
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
      expect(fault).to.match(/^node ended with 0:\n\[pandaprobe\] error: 1 items could not be delivered .*\n$/);
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

  it('delivers where the file it finds by path is of another version', async () => {
    const mixed = join(work, 'mixed');
    await cp(join(root, 'dist'), mixed, { recursive: true });
    await writeFile(join(work, 'package.json'), '{"type":"module"}');
    const path = join(mixed, 'cjs/pandaprobe-delivery.cjs');
    const code = await readFile(path, 'utf8');
    const other = code.replaceAll(VERSION, '0.0.1');
    expect(other).not.to.equal(code);
    await writeFile(path, other);
    const { printed, arrived } = await deliver(join(mixed, 'esm/index.js'), 'auto');
    expect(printed).to.equal('1 threads; ok, 1 delivered\n');
    expect(arrived).to.deep.equal(['run']);
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
