import { setImmediate as nextTurnOfLoop } from 'node:timers/promises';
import type { Peer, Step } from '../peers/peer.js';

const sentence =
  'He said "the refund for order #48213 is due",\nso we looked it up; <b>eligible</b> until 31 December. ';
/** 500 characters with quotes, line ends and markup, as prompts have them. */
const text = sentence.repeat(6).slice(0, 500);

/** Spans of one turn, its root included. */
export const spansPerTurn = 6;

/** An input by the messages convention. */
export function messages(content: string): unknown {
  return { messages: [{ role: 'user', content }] };
}

/**
 * One turn of an agent, every step recorded, with 500 characters in and out of each:
 *
 *     answer ─┬─ plan
 *             ├─ retrieve ── rank
 *             └─ generate ── check
 */
export function agentTurn({ record }: Peer): (turn: number) => Promise<string> {
  const settled = Promise.resolve();
  const step = (name: string, inner: readonly Step[]): Step =>
    record(name, async () => {
      await settled;
      for (const next of inner) await next(messages(`${name}: ${text}`));
      return `${name} done: ${text}`;
    });
  const plan = step('plan', []);
  const retrieve = step('retrieve', [step('rank', [])]);
  const generate = step('generate', [step('check', [])]);
  const answer = step('answer', [plan, retrieve, generate]);
  return (turn) => answer(messages(`${turn} ${text}`));
}

/** Runs `count` turns, sixteen at a time; each lets the event loop go round once, so that timers and sockets get theirs. */
export async function runTurns(turn: (index: number) => Promise<unknown>, count: number, atATime = 16): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await turn(index);
      await nextTurnOfLoop();
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
}
