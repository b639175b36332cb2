import { setImmediate as nextTurnOfLoop, setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage, quantile } from './meter.js';
import type { Program } from './program.js';
import { agentTurn, messages, runTurns } from './turn.js';

const defaultCalls = 150;
const warmUpCalls = 20;
/** Inputs by variant. This package takes a value of 1 MiB as JSON, and cuts a larger one. */
const inputs: Readonly<Record<string, () => (index: number) => unknown>> = {
  '1 MB': () => proseInput(1_000_000),
  '1 MiB and more': () => proseInput(1_048_576),
  '1 MB of rows': () => (index) =>
    Array.from({ length: 14_000 }, (_, id) => ({
      id: id + index,
      name: `row ${id}`,
      price: id * 1.5,
      note: 'a "short" one',
    })),
};

/** W8: how long one recorded call with a large input keeps the event loop, beside one JSON.stringify of that input. */
export const largeInputs: Program = async ({ peer, sink, variant, count = defaultCalls }) => {
  await peer.start({ sinkUrl: sink.url, isOff: false, isQueueLifted: false });
  const call = peer.record('large', async () => 'done');
  await runTurns(agentTurn(peer), 300);
  await peer.flush();
  const inputOf = inputs[variant]!();
  for (let index = 0; index < warmUpCalls; index += 1) await timed(call, inputOf(index));
  await peer.flush();
  await sleep(300);
  await sink.reset();
  collectGarbage();

  const stringify: number[] = [];
  const blocked: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const input = inputOf(index);
    const startedAt = performance.now();
    JSON.stringify(input);
    stringify.push(performance.now() - startedAt);
    await nextTurnOfLoop();
    blocked.push(await timed(call, inputOf(index)));
    await sleep(2); // what was recorded is handed on in turns of the loop of their own, which count, too
  }
  await peer.flush();
  await sleep(300);
  const { ended } = await sink.counts();
  const bar = quantile(stringify, 0.5);
  return {
    stringify: bar,
    blocked: quantile(blocked, 0.5),
    ratio: quantile(blocked, 0.5) / bar,
    blockedP95: quantile(blocked, 0.95),
    delivered: (100 * ended) / count,
  };
};

/** Milliseconds of the longest turn of the loop from the call on, over the next few turns. */
async function timed(call: (input: unknown) => Promise<string>, input: unknown): Promise<number> {
  let longest = 0;
  let before = performance.now();
  const done = call(input);
  for (let turn = 0; turn < 4; turn += 1) {
    await nextTurnOfLoop();
    const now = performance.now();
    longest = Math.max(longest, now - before);
    before = now;
  }
  await done;
  return longest;
}

/** A message, another one each time: as pieces, which whoever reads them joins. */
function proseInput(chars: number): (index: number) => unknown {
  const text = prose(chars);
  return (index) => messages(`${index} ${text}`);
}

/** Words and line ends with the odd quote, from a fixed seed: text that has to be looked at, as a document has. */
function prose(chars: number): string {
  let seed = 12_345;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 16) % below;
  };
  const words: string[] = [];
  for (let length = 0; length < chars; ) {
    let word = '';
    for (let left = 2 + next(7); left > 0; left -= 1) word += 'etaoinshrdlucmfw'[next(16)];
    if (next(100) === 0) word = `"${word}"\n`;
    words.push(word);
    length += word.length + 1;
  }
  return Buffer.from(words.join(' ').slice(0, chars)).toString('latin1'); // one flat string
}
