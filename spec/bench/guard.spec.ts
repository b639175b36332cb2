import { expect } from 'chai';
import sinon from 'sinon';
import {
  getClient,
  HttpSink,
  init,
  type Sink,
  spanFunction,
  traceFunction,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import { listenToStderr } from '../support/stderr.js';
import { type Counts, startCounting, watchReads } from './counting.js';

/*
 * P29 without a stopwatch: how often the hot path does each expensive operation, in fixed programs. The numbers are exact. A
 * larger number is a regression; a smaller one is an improvement, so update it here.
 */

/** Random bytes for their 3,072 ids are drawn three times, wherever the first of these begins. */
const turns = 512;
const spansPerTurn = 5;
const messages = { messages: [{ role: 'user', content: `he said "${'words '.repeat(80)}"` }] };
const nothing: Sink = { name: 'nothing', trace() {}, lateSpans() {}, score() {} };

async function recordBodies(): Promise<void> {
  await withTrace('turn', { input: messages }, async () => {
    for (let span = 0; span < spansPerTurn; span += 1) {
      await withSpan('step', { kind: 'LLM', model: 'm' }, async (s) => {
        s.setInput(messages).setOutput(messages).setTokenUsage({ promptTokens: 1, completionTokens: 2 });
      });
    }
  });
}

const runStep = async (input: unknown) => input;
const step = spanFunction(runStep, { name: 'step', kind: 'LLM' });
const recordCalls = traceFunction((input: unknown) => callSteps(step, input));

async function callSteps(call: typeof runStep, input: unknown): Promise<void> {
  for (let span = 0; span < spansPerTurn; span += 1) await call(input);
}

/** The counts of one turn. The first turn of a process warms caches, so it is not counted. */
async function countTurn(turn: () => Promise<unknown>): Promise<Counts> {
  await turn();
  const counting = startCounting();
  try {
    for (let index = 0; index < turns; index += 1) await turn();
    const counts = Object.entries(counting.counts()).map(([key, count]) => [key, count / turns]);
    return Object.fromEntries(counts) as Counts; // the same keys
  } finally {
    counting.stop();
  }
}

/** The additional counts of `turn` over `bare`, the same program without tracing. */
async function countOver(bare: () => Promise<unknown>, turn: () => Promise<unknown>): Promise<Counts> {
  const before = await countTurn(bare);
  const after = await countTurn(turn);
  const keys = Object.keys(after) as (keyof Counts)[]; // they are its keys
  return Object.fromEntries(keys.map((key) => [key, after[key] - before[key]])) as unknown as Counts; // the same keys
}

async function bareBodies(): Promise<void> {
  const body = async () => {};
  await (async () => {
    for (let span = 0; span < spansPerTurn; span += 1) await body();
  })();
}

describe('Hot path (P29)', () => {
  beforeEach(() => {
    init({ sinks: [nothing] });
  });
  afterEach(() => getClient().shutdown());

  it('costs five bodies in a trace one look at what is current, one context switch, one id, two readings of the clock and one promise each', async () => {
    expect(await countOver(bareBodies, recordBodies)).to.deep.equal({
      run: 0,
      enterWith: 12, // into the body and out of it: nothing of Node stands on the stack between
      getStore: 6,
      stringify: 11, // an input and an output each, and the input of the trace
      parse: 0,
      ids: 6,
      clock: 12,
      promises: 6,
    });
  });

  it('costs five decorated calls in a trace the same', async () => {
    expect(
      await countOver(
        () => callSteps(runStep, messages),
        () => recordCalls(messages),
      ),
    ).to.deep.equal({
      run: 0,
      enterWith: 12, // into the body and out of it: nothing of Node stands on the stack between
      getStore: 6,
      stringify: 11,
      parse: 0,
      ids: 6,
      clock: 12,
      promises: 6,
    });
  });

  it('leaves all quoting of long texts to the thread that sends them', async () => {
    const often = { batchSize: 1_000_000, flushIntervalMs: 1_000_000 };
    const sink = new HttpSink({ apiKey: 'sk_pp_key', projectName: 'specs', endpoint: 'http://127.0.0.1:1', ...often });
    init({ sinks: [sink] });
    expect(await countOver(bareBodies, recordBodies)).to.include({
      enterWith: 12,
      stringify: 0,
      parse: 0,
      ids: 6,
      promises: 6,
    });
    expect(sink.stats().created).to.equal(turns + 1);
    const said = listenToStderr();
    await getClient().shutdown({ timeoutMs: 0 });
    said.restore();
  });

  for (const [value, most] of [
    [{ messages: [{ role: 'user', content: `1 ${'he said "words"\n'.repeat(70_000)}` }] }, 0.8],
    [
      { messages: Array.from({ length: 9 }, () => ({ role: 'user', content: 'she said words, '.repeat(15_000) })) },
      0.6,
    ],
    // Of this 1 MiB is kept, batch after batch.
    [Array.from({ length: 100_000 }, (_, id) => ({ id, note: 'a note, "quoted", too long for a row' })), 0.3],
  ] as const) {
    const { length } = JSON.stringify(value);
    it(`quotes at most ${most} of a value that is cut, here of ${(length / 1e6).toFixed(1)} MB`, () => {
      const stringify = sinon.spy(JSON, 'stringify');
      try {
        withTrace('turn', (t) => t.setInput(value));
        const quoted = stringify.returnValues.reduce((sum: number, text: string) => sum + text.length, 0);
        expect(quoted / length).to.be.within(0.05, most);
      } finally {
        stringify.restore();
      }
    });
  }

  it('reads an input once, for its text', () => {
    const reads: string[] = [];
    withTrace('turn', () => withSpan('step', { kind: 'LLM' }, (s) => s.setInput(watchReads(messages, reads))));
    // Messages are recognized without calling getters; the length of an array is not a getter.
    const text = ['toJSON', 'messages', 'toJSON', 'length', '0', 'toJSON', 'role', 'content'];
    expect(reads).to.deep.equal(text);
  });

  it('costs a call that is not recorded one look at most', async () => {
    init({ enabled: false });
    const none = { run: 0, enterWith: 0, getStore: 0, stringify: 0, parse: 0, ids: 0, clock: 0, promises: 0 };
    const bare = () => callSteps(runStep, messages);
    expect(await countOver(bare, () => callSteps(step, messages))).to.deep.equal({ ...none, getStore: spansPerTurn });
    expect(await countOver(bare, () => recordCalls(messages))).to.deep.equal({ ...none, getStore: spansPerTurn });
  });
});
