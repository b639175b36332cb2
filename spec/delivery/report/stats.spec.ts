import { expect } from 'chai';
import fc from 'fast-check';
import { Stats, type Watch } from '../../../lib/delivery/report/stats.js';

/** A watch as it would be with a list of all ids. */
interface Model {
  readonly pending: Set<number>;
  hasLost: boolean;
  isStopped: boolean;
}

describe('Stats', () => {
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ kind: 'create' } as const) },
    { weight: 2, arbitrary: fc.constant({ kind: 'watch' } as const) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('deliver', 'fail', 'drop'), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('unwatch'), which: fc.nat() }) },
  );

  it('P2 notifies each of many watches when the items before it are settled, and says whether one was lost', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const stats = new Stats();
        const pending = new Set<number>();
        let hasLost = false;
        const watches: { readonly watch: Watch; readonly model: Model }[] = [];
        const told = new Set<Model>();
        const take = <T>(from: readonly T[], which: number) => from[which % from.length];
        for (const step of actions) {
          if (step.kind === 'create') pending.add(stats.create());
          else if (step.kind === 'watch') {
            const model: Model = { pending: new Set(pending), hasLost, isStopped: false };
            watches.push({ watch: stats.watch(() => told.add(model)), model });
          } else if (step.kind === 'unwatch') {
            const found = take(watches, step.which);
            if (found === undefined || found.watch.isFinal) continue;
            found.model.isStopped = true;
            stats.unwatch(found.watch);
          } else {
            const id = take([...pending], step.which);
            if (id === undefined) continue;
            pending.delete(id);
            hasLost ||= step.kind !== 'deliver';
            for (const { model } of watches) {
              if (model.pending.delete(id) && step.kind !== 'deliver') model.hasLost = true;
            }
            if (step.kind === 'deliver') stats.deliver(id, false);
            else if (step.kind === 'fail') stats.fail(id);
            else stats.drop(id, 'shutdown');
          }
          expect(stats.pending).to.equal(pending.size);
          for (const { watch, model } of watches) {
            if (model.isStopped) continue;
            expect(watch.isFinal).to.equal(model.pending.size === 0);
            if (watch.isFinal) expect(watch.hasLost).to.equal(model.hasLost);
          }
        }
        for (const model of told) expect(model.isStopped || model.pending.size === 0).to.equal(true);
      }),
      { numRuns: 500 },
    );
  });
});
