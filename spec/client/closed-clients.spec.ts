import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { Client, type Options } from '../../lib/index.js';
import { sendingScene } from './sending.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** How many clients are still in memory, after a moment. */
async function countLeft(clients: readonly WeakRef<Client>[]): Promise<number> {
  for (let i = 0; i < 20; i += 1) {
    await sleep(5);
    collect();
    if (clients.every((client) => client.deref() === undefined)) return 0;
  }
  return clients.filter((client) => client.deref() !== undefined).length;
}

describe('Clients that are shut down', () => {
  const scene = sendingScene();

  const useOne = async (options: Options) => {
    const client = new Client({ ...scene.options, ...options });
    const t = client.trace('t');
    t.span('s').end();
    t.end();
    const { delivered } = await client.shutdown();
    expect(delivered).to.equal(1);
    return new WeakRef(client);
  };

  const rows: readonly Options[] = [
    { live: 'auto', worker: 'inline' },
    { live: 'auto', worker: 'thread' },
    { live: true, worker: 'inline' },
    { live: false, worker: 'inline' },
  ];
  for (const { live, worker } of rows) {
    it(`P14 are out of memory at once, with their queues (live: ${live}, worker: ${worker})`, async () => {
      const clients: WeakRef<Client>[] = [];
      for (let i = 0; i < 3; i += 1) clients.push(await useOne({ live, worker }));
      // Variables of this flow may still hold the last one.
      expect(await countLeft(clients)).to.be.at.most(1);
    });
  }
});
