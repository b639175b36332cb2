import { EventEmitter } from 'node:events';
import { ReadableStream } from 'node:stream/web';
import { expect } from 'chai';
import fc from 'fast-check';
import { bind, withSpan } from '../../lib/instrument/context.js';
import { spanFunction } from '../../lib/instrument/functions.js';
import { createRecording, turns } from '../support/recording.js';

/*
 * Random programs of generators that are read to their end, left early, closed, broken or read elsewhere; of streams and of bound
 * functions. Each one runs twice, without this package and with it, and with the end of the trace before that of its work, too:
 *
 *   plain program ──> what it saw ──┐ the same
 *   traced program ─> what it saw ──┘
 *              └────> spans ──> each once, below the span in whose body it was opened
 */

const forms = ['callback', 'whole', 'left', 'closed', 'broken', 'elsewhere', 'sync', 'sync left', 'stream'] as const;
const later = ['canceled stream', 'bound', 'listener', 'ended early'] as const;

interface Step {
  readonly form: (typeof forms)[number] | (typeof later)[number];
  readonly wait: number;
  readonly throws: boolean;
  readonly order: 'in turn' | 'all' | 'race' | 'timers';
  readonly below: readonly Step[];
}

const steps = fc.memo((depth: number): fc.Arbitrary<readonly Step[]> => {
  const step = fc.record<Step>({
    form: fc.constantFrom(...forms, ...later),
    wait: fc.nat(3),
    throws: fc.boolean(),
    order: fc.constantFrom('in turn', 'all', 'race', 'timers'),
    below: depth > 1 ? steps(depth - 1) : fc.constant([]),
  });
  return fc.array(step, { maxLength: 3 });
});

/** What programs use of this package. */
interface Api {
  span<R>(name: string, run: (end: () => void) => R): R;
  wrap<R>(name: string, fn: () => R): () => R;
  bind<R>(fn: () => R): () => R;
}
const plain: Api = { span: (_, run) => run(() => {}), wrap: (_, fn) => fn, bind: (fn) => fn };
const traced: Api = {
  span: (name, run) => withSpan(name, (span) => run(() => span.end())),
  wrap: (name, fn) => spanFunction(fn, { name }),
  bind: (fn) => bind(fn),
};

const nextTimer = () => new Promise<void>((resolve) => setTimeout(resolve));
const messageOf = (error: unknown) => (error instanceof Error ? error.message : 'no error');

class Program {
  /** The span in whose body each span was opened. */
  readonly parents = new Map<string, string | undefined>();
  readonly seen: string[] = [];
  readonly #api: Api;
  readonly #started: Promise<unknown>[] = [];

  constructor(api: Api) {
    this.#api = api;
  }

  async all(below: readonly Step[], order: Step['order'], parent: string | undefined, path = 's'): Promise<void> {
    const run = (step: Step, at: number) => {
      const name = `${path}.${at}`;
      return this.#one(step, name, parent).catch((error) => this.#see(name, 'threw', messageOf(error)));
    };
    if (order === 'in turn') for (const [at, step] of below.entries()) await run(step, at);
    else if (order === 'timers') await Promise.all(below.map((step, at) => nextTimer().then(() => run(step, at))));
    else {
      const running = below.map(run);
      this.#started.push(...running);
      if (running.length > 0) await (order === 'all' ? Promise.all(running) : Promise.race(running));
    }
  }

  /** Waits for all that was started. */
  async finish(): Promise<void> {
    for (let at = 0; at < this.#started.length; at += 1) await this.#started[at];
  }

  #see(name: string, ...what: readonly unknown[]): void {
    this.seen.push(`${name} ${JSON.stringify(what)}`);
  }

  #leaf(parent: string, mark: string): void {
    this.parents.set(parent + mark, parent);
    this.#api.span(parent + mark, () => {});
  }

  async #one(step: Step, name: string, parent: string | undefined): Promise<void> {
    const api = this.#api;
    const see = (...what: readonly unknown[]) => this.#see(name, ...what);
    this.parents.set(name, parent);
    const work = async () => {
      await turns(step.wait);
      await this.all(step.below, step.order, name, name);
      if (step.throws) throw new Error(name);
      return name;
    };
    const program = this;
    async function* items() {
      try {
        yield 1;
        await work();
        see('got', yield 2);
      } catch (error) {
        see('inside', messageOf(error));
        throw error;
      } finally {
        await turns();
        program.#leaf(name, 'finally');
      }
    }
    function* syncItems() {
      try {
        yield 1;
        program.#leaf(name, 'between');
        if (step.throws) throw new Error(name);
        yield 2;
      } finally {
        program.#leaf(name, 'finally');
      }
    }
    const readSome = async (iterator: AsyncGenerator<number>) => {
      for (let at = 0; at < step.wait; at += 1) see(await iterator.next(`sent ${at}` as never));
    };

    switch (step.form) {
      case 'callback':
        return see(await api.span(name, work));
      case 'whole':
        for await (const item of api.wrap(name, items)()) see(item);
        return;
      case 'left':
        for await (const item of api.span(name, items)) if (item > step.wait % 2) break;
        return;
      case 'closed': {
        const iterator = api.wrap(name, items)();
        await readSome(iterator);
        see(await iterator.return(7 as never), await iterator.next());
        return;
      }
      case 'broken': {
        const iterator = api.wrap(name, items)();
        await readSome(iterator);
        see(await iterator.throw(new Error('broken')).catch(messageOf), await iterator.next());
        return;
      }
      case 'elsewhere': {
        const iterator = api.span(name, items);
        this.parents.set(`${name}reader`, parent);
        return api.span(`${name}reader`, async () => {
          for await (const item of iterator) see(item);
        });
      }
      case 'sync':
        for (const item of api.wrap(name, syncItems)()) see(item);
        return;
      case 'sync left':
        for (const _ of api.span(name, syncItems)) break;
        return;
      case 'stream':
      case 'canceled stream': {
        let count = 0;
        const pull = async (controller: { enqueue(item: number): void; close(): void }) => {
          count += 1;
          if (count === 2) await work();
          if (count > 3) controller.close();
          else controller.enqueue(count);
        };
        const cancel = () => see('canceled');
        const stream = api.span(name, () => new ReadableStream<number>({ pull, cancel }, { highWaterMark: 0 }));
        const most = step.form === 'stream' ? 9 : 1;
        for await (const item of stream) if (item >= most) break;
        return;
      }
      case 'bound': {
        const bound = await api.span(name, async () => api.bind(work));
        await nextTimer();
        return see(await bound());
      }
      case 'listener': {
        const emitter = new EventEmitter();
        await api.span(name, async () => {
          const listener = () => this.#started.push(work().catch((error) => see(messageOf(error))));
          emitter.on('item', api.bind(listener));
        });
        await nextTimer();
        emitter.emit('item');
        return;
      }
      case 'ended early':
        return see(
          await api.span(name, (end) => {
            end();
            return work();
          }),
        );
    }
  }
}

/** Runs a program both ways. @param isLate - the trace ends before what it has started */
async function check(program: readonly Step[], isLate: boolean): Promise<number> {
  const { withTrace, traces, late } = createRecording();
  const one = new Program(traced);
  await withTrace(async () => {
    await one.all(program, isLate ? 'race' : 'all', undefined);
    if (!isLate) await one.finish();
  });
  await one.finish();
  await turns(20);
  const other = new Program(plain);
  await other.all(program, isLate ? 'race' : 'all', undefined);
  await other.finish();
  expect(one.seen.toSorted()).to.deep.equal(other.seen.toSorted());

  expect(traces).to.have.length(1);
  // A span that was open at the end of its trace is sent again, with its end.
  const all = [...(traces[0]?.spans ?? []), ...late.flatMap(({ spans }) => spans)];
  const spans = [...new Map(all.map((span) => [span.spanId, span])).values()];
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  const parents = spans.map(({ name, parentSpanId }) => `${name} < ${names.get(parentSpanId ?? '')}`);
  expect(parents.toSorted()).to.deep.equal([...one.parents].map(([name, parent]) => `${name} < ${parent}`).toSorted());
  for (const { name, endedAt } of spans) expect(endedAt, `the end of ${name}`).not.to.equal(undefined);
  return spans.length;
}

describe('Random programs of iterators', () => {
  for (const [when, isLate] of Object.entries({ 'after its work': false, 'before its work': true })) {
    it(`see what they see without tracing, and give each span its parent, if the trace ends ${when}`, async () => {
      let spans = 0;
      const property = fc.asyncProperty(steps(4), async (program) => {
        spans += await check(program, isLate);
      });
      await fc.assert(property, { numRuns: 500 });
      expect(spans).to.be.greaterThan(1000);
    });
  }
});
