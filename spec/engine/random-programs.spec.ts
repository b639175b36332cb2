import { expect } from 'chai';
import fc from 'fast-check';
import type { TraceHandle } from '../../lib/engine/handles.js';
import { withSpan } from '../../lib/instrument/context.js';
import { span } from '../../lib/instrument/decorators.js';
import { createRecording, turns } from '../support/recording.js';

/** A random program: what one span does between its start and its end. */
interface Node {
  readonly form: 'body' | 'decorated' | 'generator' | 'run' | 'handle' | 'childOf';
  readonly wait: number;
  readonly children: 'in turn' | 'all' | 'race' | 'timers';
  readonly throws: boolean;
  readonly nodes: readonly Node[];
}

const program = (
  forms: readonly Node['form'][],
  children: readonly Node['children'][],
): fc.Arbitrary<readonly Node[]> => {
  const nodes = fc.memo((depth: number): fc.Arbitrary<readonly Node[]> => {
    const below = depth > 1 ? nodes(depth - 1) : fc.constant<readonly Node[]>([]);
    const node = fc.record<Node>({
      form: fc.constantFrom(...forms),
      wait: fc.integer({ min: 0, max: 3 }),
      children: fc.constantFrom(...children),
      throws: fc.boolean(),
      nodes: below,
    });
    return fc.array(node, { maxLength: 3 });
  });
  return nodes(4);
};

/** Runs programs and notes for every span the name of the span it stands in. */
class Runner {
  readonly lexical = new Map<string, string | undefined>();
  #count = 0;
  readonly #t: TraceHandle;
  readonly #stragglers: Promise<unknown>[] = [];

  constructor(t: TraceHandle) {
    this.#t = t;
  }

  async all(nodes: readonly Node[], children: Node['children'], parent?: string): Promise<void> {
    const run = (node: Node) => this.#one(node, parent).catch(() => {});
    if (children === 'in turn') for (const node of nodes) await run(node);
    else if (children === 'all') await Promise.all(nodes.map(run));
    else if (children === 'race') {
      const running = nodes.map(run);
      this.#stragglers.push(...running);
      if (running.length > 0) await Promise.race(running);
    } else {
      await Promise.all(nodes.map((node) => new Promise<void>((done) => setTimeout(() => void run(node).then(done)))));
    }
  }

  async finish(): Promise<void> {
    for (let i = 0; i < this.#stragglers.length; i += 1) await this.#stragglers[i];
  }

  async #one(node: Node, parent: string | undefined): Promise<void> {
    const name = `s${this.#count}`;
    this.#count += 1;
    this.lexical.set(name, parent);
    const work = async () => {
      await turns(node.wait);
      await this.all(node.nodes, node.children, name);
      if (node.throws) throw new Error(name);
    };
    if (node.form === 'body') return withSpan(name, work);
    if (node.form === 'decorated') return this.#decorated(name, work);
    if (node.form === 'run') return this.#t.span(name).run(work);
    if (node.form === 'generator') {
      for await (const _ of this.#generator(name, work)) await turns();
      return;
    }
    using s = this.#t.span(name);
    if (node.form === 'childOf') {
      await s.withSpan(`${name}c`, () => {});
      this.lexical.set(`${name}c`, name);
    }
    await work();
  }

  #decorated(name: string, work: () => Promise<void>): Promise<void> {
    class Agent {
      @span({ name })
      async run() {
        await work();
      }
    }
    return new Agent().run();
  }

  #generator(name: string, work: () => Promise<void>): AsyncGenerator<number> {
    class Agent {
      @span({ name })
      async *run() {
        yield 1;
        await work();
        yield 2;
      }
    }
    return new Agent().run();
  }
}

async function check(nodes: readonly Node[]): Promise<{ right: number; spans: number; wrong: string[] }> {
  const { withTrace, traces } = createRecording();
  const runner = await withTrace(async (t) => {
    const made = new Runner(t);
    await made.all(nodes, 'all');
    await made.finish();
    return made;
  });
  const spans = traces[0]?.spans ?? [];
  const names = new Map(spans.map((span) => [span.spanId, span.name]));
  expect(spans.map((span) => span.name)).to.have.members([...runner.lexical.keys()]);
  const wrong = spans
    .filter((span) => (span.parentSpanId && names.get(span.parentSpanId)) !== runner.lexical.get(span.name))
    .map((span) => `${span.name}: ${names.get(span.parentSpanId ?? '')} instead of ${runner.lexical.get(span.name)}`);
  return { right: spans.length - wrong.length, spans: spans.length, wrong };
}

describe('Random programs', () => {
  it('P17 gives every span of a callback, decorator or generator its lexical parent, in 2,000 programs', async function () {
    this.timeout(300_000);
    let spans = 0;
    await fc.assert(
      fc.asyncProperty(
        program(['body', 'decorated', 'generator'], ['in turn', 'all', 'race', 'timers']),
        async (nodes) => {
          const result = await check(nodes);
          spans += result.spans;
          expect(result.wrong).to.deep.equal([]);
        },
      ),
      { numRuns: 2000 },
    );
    expect(spans).to.be.greaterThan(4000);
  });

  it('P17 gives every span its lexical parent when handles are mixed in and what is started is awaited, in 2,000 programs', async function () {
    this.timeout(300_000);
    let handles = 0;
    await fc.assert(
      fc.asyncProperty(
        program(['body', 'decorated', 'run', 'handle', 'childOf'], ['in turn', 'all', 'timers']),
        async (nodes) => {
          const result = await check(nodes);
          handles += nodes.filter((node) => node.form === 'handle').length;
          expect(result.wrong).to.deep.equal([]);
        },
      ),
      { numRuns: 2000 },
    );
    expect(handles).to.be.greaterThan(200);
  });

  it('gets nine of ten parents right if handles close before work that nobody waits for', async function () {
    this.timeout(300_000);
    let right = 0;
    let spans = 0;
    await fc.assert(
      fc.asyncProperty(program(['body', 'decorated', 'handle'], ['in turn', 'all', 'race']), async (nodes) => {
        const result = await check(nodes);
        spans += result.spans;
        right += result.right;
      }),
      { numRuns: 500, seed: 17 },
    );
    expect(right / spans).to.be.greaterThan(0.9);
  });
});
