import { expect } from 'chai';
import { Client, getClient, init, MemorySink, shutdown, withSpan } from '../../lib/index.js';
import { checkBody } from '../support/contract.js';
import { startReceiver, treeOf } from '../support/receiver.js';
import { countListeners } from './listeners.js';
import { sendingScene } from './sending.js';

describe('The process-wide client', () => {
  const scene = sendingScene();

  describe('with several clients side by side', () => {
    it('P10 gives each receiver exactly its own, when two interleave 1,000 traces', async () => {
      await using other = await startReceiver({ check: checkBody });
      const a = new Client({ ...scene.options, projectName: 'a' });
      const b = new Client({ ...scene.options, projectName: 'b', endpoint: other.url });
      await Promise.all(
        Array.from({ length: 1000 }, async (_, i) => {
          const client = i % 2 === 0 ? a : b;
          await client.trace(`${client === a ? 'a' : 'b'}${i}`).run(async (t) => {
            await null;
            t.withSpan(`s${i}`, () => {});
          });
        }),
      );
      expect(await a.shutdown()).to.include({ ok: true, delivered: 500 });
      expect(await b.shutdown()).to.include({ ok: true, delivered: 500 });
      for (const [name, its] of [
        ['a', scene.receiver],
        ['b', other],
      ] as const) {
        const expected = Array.from({ length: 1000 }, (_, i) => i).filter((i) => (i % 2 === 0) === (name === 'a'));
        expect(its.traces.map(treeOf).sort()).to.deep.equal(expected.map((i) => `${name}${i}(s${i})`).sort());
        expect(its.problems).to.deep.equal([]);
        expect(new Set(its.requests.map(({ headers }) => headers['x-project-name']))).to.deep.equal(new Set([name]));
      }
    });

    it('keeps a trace of one client inside a trace of the other apart', async () => {
      const [outer, inner] = [new MemorySink(), new MemorySink()];
      const a = new Client({ sinks: [outer] });
      const b = new Client({ sinks: [inner] });
      await a.trace('outer').run(async () => {
        withSpan('before', () => {});
        await b.trace('inner').run(async () => withSpan('within', async () => {}));
        withSpan('after', () => {});
      });
      expect(outer.tree()).to.equal('outer\n├─ before OTHER\n└─ after OTHER');
      expect(inner.tree()).to.equal('inner\n└─ within OTHER');
      await Promise.all([a.shutdown(), b.shutdown()]);
    });

    it('leaves the process-wide one alone', () => {
      const processWide = init({ sinks: [] });
      new Client({ sinks: [] }).trace('own').end();
      expect(getClient()).to.equal(processWide);
    });

    it('watches the end of the process with one listener for all', async () => {
      await shutdown();
      const before = countListeners();
      const clients = [new Client(scene.options), new Client(scene.options), new Client({ sinks: [] })];
      const during = countListeners();
      await clients[0]?.shutdown();
      expect(countListeners()).to.deep.equal(during);
      await Promise.all(clients.map((client) => client.shutdown()));
      expect(countListeners()).to.deep.equal(before);
    });
  });
});
