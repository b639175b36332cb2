import { expect } from 'chai';
import fc from 'fast-check';
import type { Context } from 'mocha';
import { Client } from '../../lib/client/client.js';
import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import { needFrameworks } from './support/installed.js';
import { chat, type Sdk, type Start, sdks, starter } from './support/otel-sdks.js';

/** A step of a random program. */
interface Node {
  readonly isKept: boolean;
  /** Turns of the event loop before its children start, and before it ends. */
  readonly before: number;
  readonly after: number;
  /** It does not wait for its children. */
  readonly isDetached: boolean;
  readonly children: readonly Node[];
}

const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.record({
    isKept: fc.boolean(),
    before: fc.nat(2),
    after: fc.nat(2),
    isDetached: fc.boolean(),
    children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('node'), { maxLength: 3 })),
  }),
}));
const program = fc.array(node, { minLength: 1, maxLength: 3 });

for (const [version, open] of Object.entries(sdks)) {
  describe(`Random programs with OpenTelemetry JS ${version}`, () => {
    let memory: MemorySink;
    let client: Client;
    let sdk: Sdk;
    let start: Start;
    before(async function (this: Context) {
      needFrameworks(this);
      memory = new MemorySink();
      client = new Client({ sinks: [memory] }, {});
      sdk = await open({ client });
      start = await starter(sdk);
    });
    after(async () => {
      await sdk?.shutdown();
      await client?.shutdown();
    });

    it('have each kept span sent once, below the nearest kept one above, and leave nothing open', async () => {
      let spans = 0;
      await fc.assert(
        fc.asyncProperty(program, async (roots) => {
          memory.clear();
          const kept = new Map<string, string | undefined>();
          await Promise.all(roots.map((root) => run(start, root, undefined, undefined, kept)));
          const sent = memory.traces.flatMap((trace) => trace.spans);
          expect(sent.map(({ name }) => name).toSorted()).to.deep.equal([...kept.keys()].toSorted());
          const names = new Map(sent.map(({ spanId, name }) => [spanId, name]));
          for (const { name, parentSpanId } of sent) {
            expect(parentSpanId === undefined ? undefined : (names.get(parentSpanId) ?? 'dangling')).to.equal(
              kept.get(name),
            );
          }
          spans += sent.length;
        }),
        { numRuns: 60, seed: 11 },
      );
      expect(spans).to.be.greaterThan(100);
      memory.clear();
      await client.shutdown();
      expect(memory.traces, 'what was left open').to.deep.equal([]);
    });
  });
}

/** Runs one step, and gives when all below it is over. @param above - the nearest kept span */
async function run(
  start: Start,
  { isKept, before, after, isDetached, children }: Node,
  parent: Parameters<Start>[2],
  above: string | undefined,
  kept: Map<string, string | undefined>,
): Promise<void> {
  const name = `span ${Math.random()}`;
  const step = start(name, {}, parent);
  if (isKept) kept.set(name, above);
  await turns(before);
  const below = Promise.all(children.map((child) => run(start, child, step.context, isKept ? name : above, kept)));
  if (!isDetached) await below;
  await turns(after);
  if (isKept) step.set(chat);
  step.end();
  await below;
}

async function turns(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await new Promise((resolve) => setImmediate(resolve));
}
