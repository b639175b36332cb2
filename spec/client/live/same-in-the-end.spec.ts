import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Client, HttpSink, type Options, type TraceHandle } from '../../../lib/index.js';
import { checkBody } from '../../support/contract.js';
import { type Behave, type Receiver, startReceiver } from '../../support/receiver.js';

/** Numbers from 0 to 1, the same in each run. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Random = () => number;
type Owner = Pick<TraceHandle, 'withSpan' | 'span'>;

const messages = (content: string) => ({ messages: [{ role: 'assistant', content }] });

/** Some work with spans of all sorts: bodies and handles, nested and side by side, of which some fail, stream, or are left open. */
async function work(owner: Owner, t: TraceHandle, depth: number, random: Random): Promise<void> {
  const count = 1 + Math.floor(random() * 3);
  const step = async (at: number): Promise<void> => {
    const way = random();
    const name = `step ${depth}.${at}`;
    const deeper = async (inner: Owner) => {
      await sleep(random() * 60);
      if (depth < 3) await work(random() < 0.5 ? inner : t, t, depth + 1, random);
    };
    if (way < 0.3) {
      await owner.withSpan(name, { kind: 'TOOL', input: { at } }, async (s) => {
        s.setMetadata({ first: at, both: 1 });
        await deeper(s);
        s.setMetadata({ both: 2 }).setOutput('done');
      });
    } else if (way < 0.7) {
      using s = owner.span(name, { kind: 'LLM', input: messages('why'), model: 'gpt-5.4', metadata: { at } });
      s.setOutput(messages('draft'));
      await deeper(s);
      s.setTokenUsage({ promptTokens: 3, completionTokens: at });
      if (random() < 0.5) s.setOutput(messages('answer'));
      if (random() < 0.3) s.setError(new Error('it broke'));
    } else if (way < 0.85) {
      const stream = owner.withSpan(name, async function* () {
        for (let chunk = 0; chunk < 4; chunk += 1) {
          await sleep(random() * 40);
          yield `chunk ${chunk}`;
        }
      });
      for await (const _ of stream) if (random() < 0.1) break;
    } else {
      const s = owner.span(name); // ends later than its parent, or than the trace
      setTimeout(() => s.setOutput('late').end(), random() * 300);
      await deeper(t);
    }
  };
  const all = Array.from({ length: count }, (_, at) => at);
  if (random() < 0.5) await Promise.all(all.map(step));
  else for (const at of all) await step(at);
}

async function run(client: Client, seed: number): Promise<void> {
  const random = numbersFrom(seed);
  const t = client.trace(`t${seed}`, { tags: ['a'], input: messages('why'), metadata: { seed } });
  await t.run(async () => {
    await work(t, t, 0, random);
    t.setMetadata({ more: true });
    if (random() < 0.5) t.setOutput(messages('so'));
  });
  if (random() < 0.3) t.end(new Error('it failed'));
  else t.end();
  client.score(t.traceId, 'quality', 0.5);
}

/** What a backend has in the end, a text for each trace: without the order in which it came. */
function contents({ traces }: Receiver): string[] {
  const inOrder = (_: string, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return traces
    .map(({ scores, ...trace }) => ({ ...trace, scores: scores.map(({ id: _, created_at: __, ...score }) => score) }))
    .sort((a, b) => (a.trace_id < b.trace_id ? -1 : 1))
    .map((trace) => JSON.stringify(trace, inOrder, 1));
}

/** Sends the same runs to two backends, to the first of them live. */
async function runBoth(behave: Behave, storeAfterMs: number, options: Options = {}): Promise<Receiver> {
  await using plain = await startReceiver();
  await using live = await startReceiver({ behave, storeAfterMs, check: checkBody });
  const common = { apiKey: 'sk_pp_key', projectName: 'specs', worker: 'inline', ...options } as const;
  const client = new Client({
    sinks: [
      new HttpSink({ ...common, endpoint: live.url, live: true }),
      new HttpSink({ ...common, endpoint: plain.url, live: false }),
    ],
  });
  await Promise.all(Array.from({ length: 40 }, (_, seed) => run(client, seed)));
  await sleep(320); // the last spans are late
  const result = await client.shutdown();
  expect(result).to.include({ ok: true, failed: 0, dropped: 0, pending: 0 });
  await sleep(storeAfterMs); // of the last answer: what it acknowledged is stored then
  const actual = contents(live);
  expect(actual.length).to.equal(plain.traces.length);
  for (const [at, trace] of contents(plain).entries()) expect(actual[at]).to.equal(trace);
  expect(live.problems).to.eql([]);
  const running = live.requests.filter(({ body }) => (body as { status?: string } | undefined)?.status === 'RUNNING');
  expect(running.length, 'traces sent before their end').to.be.greaterThan(10);
  return live;
}

describe('the final records of live traces', () => {
  it('are the same as without live, whatever ran in them', async () => {
    const { requests } = await runBoth(() => 'accept', 0);
    expect(requests.every(({ status }) => (status ?? 0) < 300)).to.equal(true);
  });

  it('are the same as without live, with a backend that stores later', async () => {
    await runBoth(() => 'accept', 60);
  });

  it('are the same as without live, with a backend that fails now and then', async () => {
    const random = numbersFrom(7);
    const isHit = new Set<string>();
    await runBoth((request) => {
      const { trace_id: id = request.path, spans } = (request.body ?? {}) as { trace_id?: string; spans?: unknown[] };
      if (random() > 0.15 || isHit.has(`${id} ${request.call}`) || request.call.includes('score')) return undefined;
      isHit.add(`${id} ${request.call}`);
      if (random() < 0.3 && (spans?.length ?? 0) > 1) return { status: 413 };
      return random() < 0.5 ? 'cut-after' : { status: 500, body: { detail: 'Internal server error' } };
    }, 0);
  });
});
