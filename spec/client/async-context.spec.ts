import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { type Client, flush, getCurrentTrace, init, type Options, shutdown, withTrace } from '../../lib/index.js';
import { type Receiver, startReceiver, unprocessable } from '../support/receiver.js';
import { turns } from '../support/recording.js';
import { listenToStderr } from '../support/stderr.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Waits until what `ref` points to has been collected; false when it never is. */
async function isGone(ref: WeakRef<object>): Promise<boolean> {
  for (let i = 0; i < 50; i += 1) {
    await turns();
    collect();
    if (ref.deref() === undefined) return true;
  }
  return false;
}

describe("The program's AsyncLocalStorage", () => {
  const storage = new AsyncLocalStorage<object>();
  const folder = mkdtempSync(join(tmpdir(), 'async-context-'));
  let receiver: Receiver;
  let said: ReturnType<typeof listenToStderr>;
  beforeEach(async () => {
    receiver = await startReceiver();
    said = listenToStderr();
  });
  afterEach(async () => {
    await shutdown({ timeoutMs: 0 });
    said.restore();
    await receiver.close();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const start = (options: Options): Client =>
    init({ apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url, ...options });

  const setups: readonly Options[] = [
    { worker: 'thread' },
    { worker: 'inline' },
    { worker: 'thread', live: true },
    { worker: 'inline', spoolDir: folder },
  ];
  for (const options of setups) {
    it(`has no value that delivery keeps of the request in which it starts: ${Object.entries(options)}`, async () => {
      /** A request that makes the client, records and flushes. */
      const request = async (): Promise<WeakRef<object>> => {
        const store = { body: 'large' };
        await storage.run(store, async () => {
          const client = start(options);
          await withTrace('first', async () => {});
          await client.flush();
        });
        return new WeakRef(store);
      };
      const ref = await request();
      expect(receiver.traces).to.have.length(1);
      expect(await isGone(ref)).to.equal(true);
    });

    it(`has no request's value in onError, and no trace is current there: ${Object.entries(options)}`, async () => {
      receiver.behave = () => unprocessable('body');
      const seen: unknown[] = [];
      const onError = () => seen.push([storage.getStore(), getCurrentTrace()]);
      await storage.run({ body: 'first' }, async () => {
        start({ ...options, onError });
        await withTrace('first', async () => {});
        await flush();
      });
      await storage.run({ body: 'second' }, () => withTrace('second', async () => {}));
      await flush();
      expect(seen).to.deep.equal([
        [undefined, undefined],
        [undefined, undefined],
      ]);
    });
  }
});
