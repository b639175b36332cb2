import { expect } from 'chai';
import type { Group, Item } from '../../../lib/delivery/queue/item.js';
import { createItem, ItemPool } from '../../../lib/delivery/queue/item-pool.js';
import { Queue } from '../../../lib/delivery/queue/queue.js';
import { SlabStore } from '../../../lib/delivery/queue/slab-store.js';

const large = 'x'.repeat(200_000);
const rules = { routeOf: () => 'traces' as const };

describe('Memory of the queue', () => {
  it('makes used items new again, whatever happened to them', () => {
    const pool = new ItemPool(1000);
    const used = pool.item(1, 'score', 'used', ['text']);
    for (const [name, value] of Object.entries(used)) {
      if (typeof value === 'number') Object.assign(used, { [name]: value + 7 });
      else if (typeof value === 'boolean') Object.assign(used, { [name]: true });
      else if (name === 'notes') Object.assign(used, { notes: ['a value was cut'] });
    }
    pool.takeBack(used);
    const again = pool.item(2, 'trace', 't', ['text']);
    expect(again, 'the same object').to.equal(used);
    const facts = ({ bodies, bytes, ...rest }: Item) => rest;
    expect(facts(again)).to.deep.equal({ ...facts(createItem()), id: 2, kind: 'trace', traceId: 't' });
    expect(again.bytes).to.equal('text'.length);
    expect(again.bodies).to.have.length(1);
  });

  /** What becomes of an item that has two bodies of 200 KB; it is in flight. */
  const endings: Readonly<Record<string, (queue: Queue, group: Group, item: Item) => void>> = {
    settled: (queue, group) => queue.settle(group),
    abandoned: (queue, group) => void queue.abandon(group),
    'acknowledged body by body'(queue, group, item) {
      queue.dropBodies(item, 1);
      queue.dropBodies(item, 1);
      queue.settle(group);
    },
    'replaced by a smaller one'(queue, group, item) {
      queue.replaceBodies(item, ['less']);
      queue.settle(group);
    },
    'dropped for others'(queue, group) {
      queue.putBack(group);
      queue.push(queue.create(1000, 'trace', 'other', ['x']));
      expect(group.place).to.equal('gone');
      queue.release();
      const other = queue.next('traces') as Group;
      queue.take(other);
      queue.settle(other);
    },
  };
  for (const [title, end] of Object.entries(endings)) {
    it(`has the same room again when an item is ${title}`, () => {
      const queue = new Queue({ maxItems: 1, maxBytes: 1_000_000 }, rules, () => {});
      const seen = new Set<SharedArrayBuffer>();
      for (let id = 0; id < 40; id += 1) {
        const item = queue.create(id, 'trace', `t${id}`, [large, large]);
        for (const { slab } of item.bodies) seen.add(slab.shared);
        queue.push(item);
        queue.release();
        const group = queue.next('traces') as Group;
        queue.take(group);
        end(queue, group, item);
        expect(queue.bytes).to.equal(0);
      }
      expect(seen.size).to.be.at.most(3);
    });
  }

  it('has the same room again when an item is discarded', () => {
    const queue = new Queue({ maxItems: 10, maxBytes: 300_000 }, rules, () => {});
    const seen = new Set<SharedArrayBuffer>();
    for (let id = 0; id < 40; id += 1) {
      const item = queue.create(id, 'trace', `t${id}`, [large]);
      for (const { slab } of item.bodies) seen.add(slab.shared);
      if (id % 2 === 0) queue.discard(item);
      else {
        queue.replaceBodies(item, [large, large]);
        queue.push(item);
      }
    }
    expect(seen.size).to.be.at.most(3);
  });

  it('keeps a few megabytes when a long queue has been emptied, and frees the rest', () => {
    for (const [length, count, kept] of [
      [130_000, 100, 40],
      [900_000, 20, 8],
    ] as const) {
      const store = new SlabStore();
      const fill = () => Array.from({ length: count }, () => store.put('x'.repeat(length)));
      const first = fill();
      const slabs = new Set(first.map(({ slab }) => slab.shared));
      for (const place of first) store.giveBack(place);
      const again = fill().filter(({ slab }) => slabs.has(slab.shared));
      expect(again.length).to.be.within(1, kept);
    }
  });
});
