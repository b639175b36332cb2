import { expect } from 'chai';
import fc from 'fast-check';
import type { CapturedTrace, SpanRecord } from '../../../lib/model/records.js';
import { json, lateSpansRecord, scoreRecord, spanRecord, traceRecord } from '../../support/delivery.js';
import { type SimulatedDelivery, simulateDelivery, stopSimulation } from '../../support/simulated-delivery.js';
import { type Mood, moods, UnreliableBackend } from './unreliable-backend.js';

/** Records something. */
type RecordStep =
  | { readonly does: 'trace' | 'open' | 'update' | 'part' | 'end'; readonly of: number; readonly spans: number }
  | { readonly does: 'late' | 'score' | 'remote'; readonly of: number };

/** A step of a random program. Numbers choose among the traces that there are. */
type Step =
  | RecordStep
  | { readonly does: 'flush'; readonly ms: number }
  | { readonly does: 'pass'; readonly ms: number }
  | { readonly does: 'mood'; readonly mood: Mood };

const of = fc.nat(20);
const spans = fc.oneof(
  { weight: 9, arbitrary: fc.nat(3) },
  { weight: 1, arbitrary: fc.integer({ min: 500, max: 1100 }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ does: fc.constantFrom('trace', 'open', 'update', 'part', 'end'), of, spans }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constantFrom('late', 'score', 'score', 'remote'), of }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('flush'), ms: fc.constantFrom(0, 1000, 30_000) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('pass'), ms: fc.constantFrom(1, 100, 1000, 60_000) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('mood'), mood: fc.constantFrom(...moods) }) },
);
const bounds = fc.record({
  maxQueueSize: fc.constantFrom(3, 8, 10_000),
  maxQueueBytes: fc.constantFrom(30_000, 25_165_824),
  maxBodyBytes: fc.constantFrom(3000, 4_194_304),
});

/** An item that was recorded: its trace, its spans, and the name of its own record. */
interface Recorded {
  readonly kind: 'trace' | 'part' | 'late' | 'remote' | 'score';
  readonly traceId: string;
  readonly name: string;
  readonly spans: readonly SpanRecord[];
}

/** Runs the steps of a program and keeps account of what it has recorded. */
class Program {
  readonly recorded: Recorded[] = [];
  readonly #ended: string[] = [];
  readonly #open: string[] = [];
  readonly #simulated: SimulatedDelivery;
  readonly #backend: UnreliableBackend;
  readonly #flushes: Promise<void>[] = [];
  #count = 0;

  constructor(simulated: SimulatedDelivery, backend: UnreliableBackend) {
    this.#simulated = simulated;
    this.#backend = backend;
  }

  async run(next: Step): Promise<void> {
    if (next.does === 'mood') this.#backend.mood = next.mood;
    else if (next.does === 'pass') await this.#simulated.pass(next.ms);
    else if (next.does === 'flush') this.#flush(next.ms);
    else this.#record(next);
    this.checkSums();
  }

  /** Ends what is open, and delivers everything to a backend that is well. */
  async finish(): Promise<void> {
    for (const traceId of this.#open.splice(0)) this.#trace(traceId, 1);
    this.#backend.mood = 'well';
    const { delivery, pass, settled } = this.#simulated;
    // A flush does not wait for traces of other processes: those get a placeholder after ten minutes.
    await settled(delivery.flush({ timeoutMs: 3_600_000 }));
    for (let tries = 0; delivery.stats().pending > 0 && tries < 6; tries += 1) {
      await pass(300_000);
      await settled(delivery.flush({ timeoutMs: 3_600_000 }));
    }
    await settled(Promise.all(this.#flushes));
    await pass(2000); // drops are reported together, once a second
    this.checkSums();
  }

  checkSums(): void {
    const { created, delivered, failed, pending, dropped } = this.#simulated.delivery.stats();
    expect(created).to.equal(this.recorded.length);
    expect(created).to.equal(delivered + failed + pending + dropped);
  }

  #flush(timeoutMs: number): void {
    const before = this.recorded.slice();
    const flushed = this.#simulated.delivery.flush({ timeoutMs }).then(({ ok, pending, failed, dropped }) => {
      if (ok) expect(before.filter((item) => !this.#backend.has(item))).to.deep.equal([]);
      else expect(pending + failed + dropped).to.be.greaterThan(0);
    });
    flushed.catch(() => {}); // it is awaited at the end
    this.#flushes.push(flushed);
  }

  #record(next: RecordStep): void {
    const { delivery } = this.#simulated;
    this.#count += 1;
    const ended = this.#ended[next.of % this.#ended.length];
    const open = this.#open[next.of % this.#open.length];
    if (next.does === 'trace') this.#trace(`trace ${this.#count}`, next.spans);
    else if (next.does === 'open') this.#open.push(`trace ${this.#count}`);
    else if (next.does === 'remote') {
      const traceId = `far ${next.of % 3}`;
      delivery.lateSpans({ traceId, spans: this.#add('remote', traceId, 1).spans, isRemote: true });
    } else if (next.does === 'late' || next.does === 'score') {
      if (ended === undefined) return;
      const { name, spans: late } = this.#add(next.does, ended, next.does === 'late' ? 1 : 0);
      if (next.does === 'late') delivery.lateSpans(lateSpansRecord(ended, ...late));
      else delivery.score(scoreRecord(ended, { name }));
    } else if (open === undefined) return;
    else if (next.does === 'end') {
      this.#open.splice(this.#open.indexOf(open), 1);
      this.#trace(open, next.spans);
    } else {
      const record: CapturedTrace = { ...traceRecord({ traceId: open }), status: 'RUNNING', endedAt: undefined };
      if (next.does === 'part') delivery.part({ ...record, ...this.#add('part', open, next.spans + 1) });
      else delivery.update({ ...record, spans: [spanRecord()] }, () => {});
    }
  }

  #trace(traceId: string, count: number): void {
    this.#ended.push(traceId);
    this.#simulated.delivery.trace(traceRecord({ traceId, ...this.#add('trace', traceId, count) }));
  }

  #add(kind: Recorded['kind'], traceId: string, count: number): Pick<Recorded, 'name' | 'spans'> {
    const name = `${kind} ${this.#count} of ${traceId}`;
    const input = json('x'.repeat((this.#count % 3) * 2000));
    const made = Array.from({ length: count }, (_, i) => spanRecord({ name: `${i} of ${name}`, input }));
    this.recorded.push({ kind, traceId, name, spans: made });
    return { name, spans: made };
  }
}

describe('Delivery of any program to any backend, on a clock of its own', () => {
  afterEach(stopSimulation);

  it('acknowledges or counts each item once, says the truth of each flush, and stores each trace as it ended', async () => {
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      bounds,
      fc.nat(),
      async (steps, sizes, seed) => {
        const simulated = await simulateDelivery({ ...sizes, batchSize: 3, requestTimeoutMs: 10_000 });
        const backend = new UnreliableBackend(seed);
        simulated.backend = (request) => backend.answer(request);
        const program = new Program(simulated, backend);
        for (const next of steps) await program.run(next);
        await program.finish();

        const stats = simulated.delivery.stats();
        expect(stats.pending).to.equal(0);
        expect(stats.pendingBytes).to.equal(0);
        expect(stats.delivered).to.equal(program.recorded.filter((item) => backend.has(item)).length);
        expect(simulated.losses.reduce((sum, { items }) => sum + items, 0)).to.equal(stats.failed + stats.dropped);
        for (const { kind, traceId, name } of program.recorded) {
          if (kind === 'score') expect(backend.scores(name), name).to.be.at.most(1);
          if (kind === 'trace' && backend.heads.has(name))
            expect(backend.trace(traceId), name).to.include({ status: 'COMPLETED', name });
        }
        expect(backend.requests).to.be.lessThan(2000);
      },
    );
    await fc.assert(property, { numRuns: 120 });
  });
});
