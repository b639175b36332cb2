import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sinon from 'sinon';
import { startDelivery, traceRecord } from '../../support/delivery.js';
import { type Receiver, startReceiver } from '../../support/receiver.js';
import { type SpoolDir, spoolDir } from './spool-folders.js';

type Started = ReturnType<typeof startDelivery>;

/** An error of the file system. */
export const fault = (code: string, path?: unknown) => Object.assign(new Error(code), { code, path });
export const warnings = (lines: readonly string[]) => lines.filter((line) => line.includes('warning'));
export const names = (count: number) => Array.from({ length: count }, (_, i) => `t${i}`).sort();

/** Sets up a suite with a spool folder and a backend: call it in `describe`, use what it gives in specs. */
export function spoolScene() {
  let spool: SpoolDir;
  let receiver: Receiver;
  beforeEach(async () => {
    spool = spoolDir();
    receiver = await startReceiver();
  });
  afterEach(async () => {
    sinon.restore();
    await receiver.close();
    spool[Symbol.dispose]();
  });

  const start = (options: Parameters<typeof startDelivery>[1] = {}): Started =>
    startDelivery(receiver.url, { spoolDir: spool.path, ...options });
  const lane = () => join(spool.path, readdirSync(spool.path)[0] ?? '');

  return {
    get spool() {
      return spool;
    },
    get receiver() {
      return receiver;
    },
    start,
    /** Names of the stored traces. */
    stored: () => receiver.traces.map(({ name }) => name).sort(),
    /** The folder of this backend, project and key. */
    lane,
    /** The folder that an earlier process has left. */
    left: () => join(lane(), readdirSync(lane())[0] ?? ''),
    spools: () => spool.entries().filter(({ path, isFile }) => isFile && path.endsWith('.spool')),
    /** Leaves traces behind, as a process does that could not deliver them. */
    async leave(count: number): Promise<void> {
      await receiver.refuse();
      const { delivery } = start();
      for (let i = 0; i < count; i += 1) delivery.trace(traceRecord({ name: `t${i}` }));
      await delivery.shutdown({ timeoutMs: 1 });
      await receiver.listen();
    },
  };
}
