import { expect } from 'chai';
import fc from 'fast-check';
import type { Group, Item, ItemKind } from '../../../lib/delivery/queue/item.js';
import { itemKinds } from '../../../lib/delivery/queue/item.js';
import { Queue } from '../../../lib/delivery/queue/queue.js';
import type { Route } from '../../../lib/delivery/queue/route.js';

/** What a queue without bounds must do, in arrays that are searched from end to end. */
class ModelQueue {
  readonly #groups: ModelGroup[] = [];
  /** Groups in the order in which they came to their place. */
  #arrivals: ModelGroup[] = [];

  push(trace: string, id: number, kind: ItemKind): void {
    const group: ModelGroup = this.#find(trace) ?? { trace, items: [], place: 'buffered', wakeAt: 0 };
    const isNew = group.items.length === 0;
    const before = group.items.findLastIndex((item) => itemKinds.indexOf(item.kind) <= itemKinds.indexOf(kind));
    group.items.splice(Math.max(before + 1, group.place === 'inFlight' ? 1 : 0), 0, { id, kind });
    if (isNew) {
      this.#groups.push(group);
      this.#arrive(group, 'buffered');
    }
    const isFirst = group.items[0]?.id === id;
    if (isFirst && (group.place === 'ready' || group.place === 'waiting')) this.#arrive(group, 'ready');
  }

  release(): void {
    for (const group of this.#in('buffered')) this.#arrive(group, 'ready');
  }

  next(route: Route): string | undefined {
    return this.#in('ready').find(({ items }) => (items[0]?.kind === 'trace') === (route === 'traces'))?.trace;
  }

  take(trace: string): void {
    this.#arrive(this.#known(trace), 'inFlight');
  }

  settle(trace: string): void {
    const group = this.#known(trace);
    group.items = group.items.slice(1);
    this.#arrive(group, 'ready');
  }

  putBack(trace: string, wakeAt: number | undefined): void {
    const group = this.#known(trace);
    const [first, next] = group.items;
    if (first !== undefined && first.kind !== 'trace' && next?.kind === 'trace') {
      group.items.splice(0, 2, next, first);
      this.#arrive(group, 'ready');
    } else if (wakeAt === undefined) {
      this.#arrive(group, 'ready');
      this.#arrivals = [group, ...this.#arrivals.filter((one) => one !== group)];
    } else {
      group.wakeAt = wakeAt;
      this.#arrive(group, 'waiting');
    }
  }

  wakeDue(now: number): void {
    for (const group of this.#in('waiting')) if (group.wakeAt <= now) this.#arrive(group, 'ready');
  }

  hurry(at: number): void {
    for (const group of this.#in('waiting')) group.wakeAt = Math.min(group.wakeAt, at);
  }

  takeOut(trace: string): number[] {
    const group = this.#known(trace);
    const out = group.items.filter(({ kind }) => kind !== 'trace');
    group.items = group.items.filter(({ kind }) => kind === 'trace');
    this.#arrive(group, 'ready');
    return out.map(({ id }) => id);
  }

  readmit(items: readonly Item[]): void {
    for (const { traceId, id, kind } of items) this.push(traceId, id, kind);
    const group = this.#known(items[0]?.traceId ?? '');
    if (group.place === 'buffered') this.#arrive(group, 'ready');
  }

  /** The groups by age, with the ids of their items and their places. */
  get seen(): unknown[] {
    return this.#groups.map(({ trace, items, place }) => [trace, items.map(({ id }) => id), place]);
  }

  get firstWakeAt(): number {
    return Math.min(...this.#in('waiting').map(({ wakeAt }) => wakeAt));
  }

  #find(trace: string): ModelGroup | undefined {
    return this.#groups.find((group) => group.trace === trace);
  }

  #known(trace: string): ModelGroup {
    const group = this.#find(trace);
    if (group === undefined) throw new Error(`no group ${trace}`);
    return group;
  }

  #in(place: ModelGroup['place']): ModelGroup[] {
    return this.#arrivals.filter((group) => group.place === place);
  }

  /** The group comes last in its place, or goes if it has no items any more. */
  #arrive(group: ModelGroup, place: ModelGroup['place']): void {
    group.place = place;
    this.#arrivals = this.#arrivals.filter((one) => one !== group);
    if (group.items.length > 0) this.#arrivals.push(group);
    else this.#groups.splice(this.#groups.indexOf(group), 1);
  }
}

interface ModelGroup {
  readonly trace: string;
  items: { readonly id: number; readonly kind: ItemKind }[];
  place: Group['place'];
  wakeAt: number;
}

interface Step {
  readonly do: 'push' | 'release' | 'take' | 'settle' | 'back' | 'wait' | 'wake' | 'hurry' | 'out' | 'in' | 'fewer';
  readonly trace: number;
  readonly kind: ItemKind;
  readonly at: number;
}

const names = ['push', 'push', 'push', 'release', 'take', 'take', 'take', 'take', 'settle'] as const;
const others = ['back', 'wait', 'wait', 'wait', 'wait', 'wake', 'hurry', 'out', 'in', 'fewer'] as const;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    do: fc.constantFrom(...names, ...others),
    trace: fc.nat(4),
    kind: fc.constantFrom(...itemKinds),
    at: fc.nat(20),
  }),
  { minLength: 60, maxLength: 150, size: 'max' },
);

const sizeOf = (bodies: Item['bodies']): number => bodies.reduce((sum, { start, end }) => sum + end - start, 0);

const rules = { routeOf: (item: Item): Route => (item.kind === 'trace' ? 'traces' : 'other') };

describe('Places of the queue', () => {
  it('are those of a plain list of groups, whatever is sent, waits, is hurried or taken out', () => {
    fc.assert(
      fc.property(steps, (program) => {
        const queue = new Queue({ maxItems: 1000, maxBytes: 100_000 }, rules, () => expect.fail('nothing is dropped'));
        const model = new ModelQueue();
        const out: Item[][] = [];
        const inFlight = (n: number): Group | undefined => {
          const away = [...queue.groups()].filter(({ place }) => place === 'inFlight');
          return away[n % away.length];
        };
        for (const [id, { do: what, trace: n, kind, at }] of program.entries()) {
          const trace = `t${n}`;
          const group = inFlight(n);
          const name = group?.traceId ?? '';
          if (what === 'push') {
            queue.push(queue.create(id, kind, trace, ['x', 'yy']));
            model.push(trace, id, kind);
          } else if (what === 'release') {
            queue.release();
            model.release();
          } else if (what === 'take') {
            const next = queue.next(n % 2 === 0 ? 'traces' : 'other');
            if (next === undefined) continue;
            expect(queue.take(next)).to.equal(next.items[0]);
            model.take(next.traceId);
          } else if (what === 'wake') {
            queue.wakeDue(at);
            model.wakeDue(at);
            expect(queue.nextWakeAt, 'nothing is due twice').to.be.greaterThan(at);
          } else if (what === 'hurry') {
            queue.hurry(at);
            model.hurry(at);
          } else if (what === 'in') {
            const items = out.pop();
            if (items === undefined) continue;
            queue.readmit(items);
            model.readmit(items);
          } else if (group === undefined) continue;
          else if (what === 'settle') {
            queue.settle(group);
            model.settle(name);
          } else if (what === 'back') {
            queue.putBack(group);
            model.putBack(name, undefined);
          } else if (what === 'wait') {
            queue.putBack(group, at);
            model.putBack(name, at);
          } else if (what === 'out') {
            const items = queue.takeOut(group);
            expect(items.map((item) => item.id)).to.deep.equal(model.takeOut(name));
            if (items.length > 0) out.push([...items]);
          } else {
            const first = group.items[0] as Item; // a group has an item
            const [, ...left] = first.bodies;
            if (n % 2 === 0) queue.dropBodies(first, 1);
            else queue.replaceBodies(first, ['z', 'é']);
            if (n % 2 === 0) expect(left.every((body, index) => body === first.bodies[index])).to.equal(true);
            expect(first.bodies).to.have.length(n % 2 === 0 ? left.length : 2);
          }
          expect(
            [...queue.groups()].map(({ traceId, items, place }) => [traceId, items.map((item) => item.id), place]),
          ).to.deep.equal(model.seen);
          expect([queue.next('traces')?.traceId, queue.next('other')?.traceId]).to.deep.equal([
            model.next('traces'),
            model.next('other'),
          ]);
          expect(queue.nextWakeAt, 'nobody waits too long').to.be.at.most(model.firstWakeAt);
          const pending = [...queue.groups()].flatMap(({ items }) => items);
          expect(queue.items).to.equal(pending.length);
          expect(queue.bytes).to.equal(pending.reduce((sum, { bodies }) => sum + sizeOf(bodies), 0));
        }
      }),
      { numRuns: 500, endOnFailure: true },
    );
  });
});
