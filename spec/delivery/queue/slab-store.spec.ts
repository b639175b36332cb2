import { expect } from 'chai';
import fc from 'fast-check';
import type { Item } from '../../../lib/delivery/queue/item.js';
import { createItem, renewItem } from '../../../lib/delivery/queue/item-pool.js';
import { SlabStore, type SlabText } from '../../../lib/delivery/queue/slab-store.js';
import { packJobs, unpackJobs } from '../../../lib/delivery/wire/job-codec.js';

const texts = fc
  .tuple(fc.constantFrom('x', 'é', '漢', '😀', 'plain text, "quoted"\n'), fc.constantFrom(1, 40, 3000, 20_000, 70_000))
  .map(([unit, times]) => unit.repeat(times));

function itemOf(id: number, traceId: string, bodies: SlabText[]): Item {
  const item = createItem();
  renewItem(item, id, 'trace', traceId);
  item.bodies = bodies;
  return item;
}

/** What the sender's thread sees of them. */
function seen(places: readonly SlabText[]): string[] {
  return unpackJobs(structuredClone(packJobs([itemOf(1, 't', [...places])]))).flatMap(({ bodies }) =>
    bodies.map(String),
  );
}

describe('Texts of the queue', () => {
  it('do not change until they are released, whatever else is stored and released', () => {
    const steps = fc.array(fc.oneof({ weight: 3, arbitrary: texts }, { weight: 2, arbitrary: fc.nat(100) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (program) => {
        const store = new SlabStore();
        const held: { readonly text: string; readonly place: SlabText }[] = [];
        for (const step of program) {
          if (typeof step === 'string') held.push({ text: step, place: store.put(step) });
          else for (const { place } of held.splice(step % (held.length + 1), 1)) store.giveBack(place);
        }
        expect(seen(held.map(({ place }) => place)).every((text, at) => text === held[at]?.text)).to.equal(true);
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);

  it('use the same memory again and again', () => {
    const store = new SlabStore();
    const slabs = new Set<SharedArrayBuffer>();
    for (let round = 0; round < 500; round += 1) {
      const places = [30_000, 70_000, 200_000, 30_000, 900_000, 120_000].map((length) => store.put('x'.repeat(length)));
      for (const { slab } of places) slabs.add(slab.shared);
      for (const place of places) store.giveBack(place);
    }
    expect(slabs.size).to.be.at.most(6);
  });

  it('reach the sender with all fields of their item', () => {
    const job = fc.record({
      id: fc.nat(),
      kind: fc.constantFrom('trace' as const, 'spans' as const, 'score' as const),
      traceId: fc.string(),
      bodies: fc.array(texts, { minLength: 1, maxLength: 3 }),
      acknowledged: fc.nat(9),
      isUncertain: fc.boolean(),
      isOrphaned: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(job, { maxLength: 12 }), (jobs) => {
        const store = new SlabStore();
        const items = jobs.map(({ bodies, ...facts }) =>
          Object.assign(createItem(), facts, { bodies: bodies.map((body) => store.put(body)) }),
        );
        const arrived = unpackJobs(structuredClone(packJobs(items)));
        expect(arrived.map((one) => ({ ...one, bodies: one.bodies.map(String) }))).to.deep.equal(jobs);
      }),
      { numRuns: 60 },
    );
  }).timeout(60_000);
});
