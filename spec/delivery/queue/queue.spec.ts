import { expect } from 'chai';
import fc from 'fast-check';
import { itemRules } from '../../../lib/delivery/pandaprobe/encoder.js';
import type { Group, Item, ItemKind } from '../../../lib/delivery/queue/item.js';
import { type Eviction, Queue } from '../../../lib/delivery/queue/queue.js';

type Step =
  | {
      readonly do: 'push';
      readonly trace: number;
      readonly kind: ItemKind;
      readonly size: number;
      readonly isUpdate: boolean;
    }
  | { readonly do: 'ask' | 'take' | 'settle' | 'back' | 'wait' | 'abandon' | 'wake' };

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('push' as const),
        trace: fc.nat(12),
        kind: fc.constantFrom<ItemKind>('trace', 'spans', 'score'),
        size: fc.integer({ min: 1, max: 40 }),
        isUpdate: fc.boolean(),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constantFrom('ask', 'take', 'settle', 'back', 'wait', 'abandon', 'wake') }),
    },
  ) as fc.Arbitrary<Step>,
  { maxLength: 200 },
);

describe('Queue', () => {
  it('keeps its bounds, drops whole traces oldest first, and loses count of nothing, whatever happens', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 30, max: 200 }),
        (program, maxItems, maxBytes) => {
          const settled = new Set<number>();
          const away: Group[] = [];
          /** The model: traces in order of age, with their items. */
          const model = new Map<string, Set<number>>();
          let id = 0;
          let evictions = 0;
          const forget = (item: Item) => {
            expect(settled.has(item.id), 'settled once').to.equal(false);
            settled.add(item.id);
            model.get(item.traceId)?.delete(item.id);
            if (model.get(item.traceId)?.size === 0) model.delete(item.traceId);
          };
          const onEvict = (items: readonly Item[], reason: Eviction) => {
            evictions += 1;
            const [first] = items;
            if (reason !== 'too_large' && first?.isUpdate === true) {
              expect(items).to.have.lengthOf(1);
              forget(first);
              return;
            }
            for (const item of items) {
              expect(settled.has(item.id), 'settled once').to.equal(false);
              settled.add(item.id);
            }
            if (reason === 'too_large' || first === undefined) return;
            const oldest = [...model.keys()].find((id) => !away.some((group) => group.traceId === id));
            expect(first.traceId, 'oldest first').to.equal(oldest);
            expect(new Set(items.map((item) => item.id)), 'whole').to.deep.equal(model.get(first.traceId));
            model.delete(first.traceId);
          };
          const queue = new Queue({ maxItems, maxBytes }, itemRules, onEvict, forget);
          for (const step of program) {
            if (step.do === 'push') {
              id += 1;
              const item = queue.create(id, step.kind, `t${step.trace}`, ['x'.repeat(step.size)]);
              item.isUpdate = step.isUpdate && step.kind !== 'score';
              if (step.size <= maxBytes) model.set(item.traceId, (model.get(item.traceId) ?? new Set()).add(id));
              const [fits, before] = [queue.hasRoomFor(item), evictions];
              queue.push(item);
              if (fits) expect(evictions, 'dropped although there was room').to.equal(before);
            } else if (step.do === 'ask') queue.release();
            else if (step.do === 'wake') queue.wakeDue(1);
            else if (step.do === 'take') {
              const group = queue.next('traces') ?? queue.next('other');
              if (group === undefined) continue;
              const item = queue.take(group);
              expect(group.items[0]).to.equal(item);
              away.push(group);
            } else {
              const group = away.shift();
              if (group === undefined) continue;
              if (step.do === 'settle') {
                forget(group.items[0] as Item);
                queue.settle(group);
              } else if (step.do === 'back') queue.putBack(group);
              else if (step.do === 'wait') queue.putBack(group, 1);
              else for (const item of queue.abandon(group)) forget(item);
            }
            for (const { items, place } of queue.groups()) {
              const waiting = place === 'inFlight' ? items.slice(1) : items;
              const updates = waiting.filter(({ isUpdate }) => isUpdate);
              expect(updates.length, 'updates that wait').to.be.at.most(1);
            }
            const pending = [...queue.groups()].flatMap((group) => group.items);
            expect(pending.length)
              .to.equal(queue.items)
              .and.to.equal(id - settled.size);
            expect(pending.reduce((sum, item) => sum + item.bytes, 0)).to.equal(queue.bytes);
            const isAllAway = [...queue.groups()].every((group) => group.place === 'inFlight');
            if (step.do === 'push' && !isAllAway) {
              expect(queue.items).to.be.at.most(maxItems);
              expect(queue.bytes).to.be.at.most(maxBytes);
            }
            expect([...queue.groups()].map((group) => group.traceId)).to.deep.equal([...model.keys()]);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('orders the items of a trace: trace, late spans, scores; but never before one under way', () => {
    const queue = new Queue({ maxItems: 10, maxBytes: 1000 }, itemRules, () => {});
    queue.push(queue.create(1, 'score', 't', ['a']));
    queue.push(queue.create(2, 'spans', 't', ['a']));
    queue.release();
    const group = (queue.next('traces') ?? queue.next('other')) as Group;
    expect(queue.take(group).id).to.equal(2);
    queue.push(queue.create(3, 'trace', 't', ['a']));
    expect(group.items.map((item) => item.id)).to.deep.equal([2, 3, 1]);
  });

  it('lets a trace, or a later update of it, take the place of an update that waits, or comes back', () => {
    const replaced: number[] = [];
    const queue = new Queue(
      { maxItems: 10, maxBytes: 1000 },
      itemRules,
      () => {},
      ({ id }) => replaced.push(id),
    );
    const push = (id: number, kind: ItemKind, isUpdate: boolean) => {
      const item = queue.create(id, kind, 't', ['a']);
      item.isUpdate = isUpdate;
      queue.push(item);
    };
    push(1, 'trace', true);
    push(2, 'trace', true);
    expect(replaced).to.deep.equal([1]);
    queue.release();
    const group = queue.next('traces') as Group;
    expect(queue.take(group).id).to.equal(2);
    push(3, 'spans', true);
    push(4, 'score', false);
    push(5, 'trace', false);
    expect(replaced).to.deep.equal([1, 3]);
    expect(group.items.map((item) => item.id)).to.deep.equal([2, 5, 4]);
    queue.putBack(group, 100);
    expect(replaced).to.deep.equal([1, 3, 2]);
    expect(queue.next('traces')).to.equal(group);
    expect(group.items.map((item) => item.id)).to.deep.equal([5, 4]);
  });

  it('drops updates before it drops a trace', () => {
    const dropped: number[] = [];
    const queue = new Queue({ maxItems: 2, maxBytes: 1000 }, itemRules, (items) =>
      dropped.push(...items.map(({ id }) => id)),
    );
    queue.push(queue.create(1, 'trace', 'a', ['a']));
    const update = queue.create(2, 'trace', 'b', ['a']);
    update.isUpdate = true;
    queue.push(update);
    queue.push(queue.create(3, 'trace', 'c', ['a']));
    queue.push(queue.create(4, 'trace', 'd', ['a']));
    expect(dropped).to.deep.equal([2, 1]);
  });

  it('sends what is left behind a dropped update on its own route', () => {
    const queue = new Queue({ maxItems: 2, maxBytes: 1000 }, itemRules, () => {});
    const update = queue.create(1, 'trace', 'a', ['a']);
    update.isUpdate = true;
    queue.push(update);
    queue.push(queue.create(2, 'score', 'a', ['a']));
    queue.release();
    queue.push(queue.create(3, 'trace', 'b', ['a']));
    expect(queue.next('traces')).to.equal(undefined);
    expect(queue.next('other')?.items.map(({ id }) => id)).to.deep.equal([2]);
  });

  it('sends groups that waited last, and groups that came back unsent first', () => {
    const queue = new Queue({ maxItems: 10, maxBytes: 1000 }, itemRules, () => {});
    for (const [index, trace] of ['a', 'b', 'c'].entries()) queue.push(queue.create(index, 'trace', trace, ['a']));
    queue.release();
    const [a, b] = [0, 0].map(() => {
      const group = (queue.next('traces') ?? queue.next('other')) as Group;
      queue.take(group);
      return group;
    }) as [Group, Group];
    queue.putBack(a, 5);
    queue.putBack(b);
    expect(queue.next('traces')?.traceId).to.equal('b');
    queue.wakeDue(4);
    expect(queue.nextWakeAt).to.equal(5);
    queue.wakeDue(5);
    const order: string[] = [];
    const next = () => queue.next('traces') ?? queue.next('other');
    for (let group = next(); group !== undefined; group = next()) {
      order.push(group.traceId);
      queue.take(group);
    }
    expect(order).to.deep.equal(['b', 'c', 'a']);
  });
});
