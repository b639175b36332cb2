// Run: node --import tsx spec/bench/capture.bench.ts
// Compares captureJson with the engine's own JSON.stringify on plain data, alternating between the two.
import { captureJson } from '../../lib/model/capture.js';

interface Case {
  readonly name: string;
  readonly value: unknown;
  readonly runs: number;
}

const text = 'He said "hello", then:\nthe next line of a prompt, as usual. '.repeat(9).slice(0, 500);
const options = { maxBytes: 4 * 1024 * 1024 };

function nested(nodes: number): unknown {
  const root: Record<string, unknown> = {};
  const open = [root];
  for (let at = 0; at < nodes; at += 1) {
    const node: Record<string, unknown> = {
      id: at,
      kind: 'node',
      label: `node ${at}`,
      score: at / 7,
      ok: at % 2 === 0,
    };
    const parent = open[Math.floor(at / 3)] ?? root;
    parent[`child${at % 3}`] = node;
    open.push(node);
  }
  return root;
}

class Message {
  readonly role = 'user';
  readonly content = text;
}

const cases: readonly Case[] = [
  { name: 'one message, 500 characters', value: { messages: [{ role: 'user', content: text }] }, runs: 100_000 },
  { name: 'short question', value: { messages: [{ role: 'user', content: 'What is the weather?' }] }, runs: 200_000 },
  {
    name: '20 messages',
    value: { messages: Array.from({ length: 20 }, () => ({ role: 'user', content: text })) },
    runs: 5000,
  },
  { name: '20 class instances', value: { messages: Array.from({ length: 20 }, () => new Message()) }, runs: 5000 },
  { name: '200 nested nodes', value: nested(200), runs: 3000 },
  { name: 'string of 1 MB', value: 'some plain text '.repeat(65_536), runs: 60 },
  { name: '10,000 integers', value: Array.from({ length: 10_000 }, (_, at) => at), runs: 300 },
  { name: '10,000 fractions', value: Array.from({ length: 10_000 }, (_, at) => Math.sin(at)), runs: 60 },
];

let sink = 0;
function time(run: (value: unknown) => string, { value, runs }: Case): number {
  const start = process.hrtime.bigint();
  for (let at = 0; at < runs; at += 1) sink += run(value).charCodeAt(0); // reading a unit makes the engine join the text's pieces, as sending it would
  return Number(process.hrtime.bigint() - start) / runs;
}

const rounds = 15;
for (const each of cases) {
  const native: number[] = [];
  const captured: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    native.push(time((value) => JSON.stringify(value), each));
    captured.push(time((value) => captureJson(value, options), each));
  }
  const best = Math.min(...native);
  const ours = Math.min(...captured);
  const micros = (ns: number) => `${(ns / 1000).toFixed(2)} µs`.padStart(12);
  console.log(
    `${each.name.padEnd(30)} native ${micros(best)}   capture ${micros(ours)}   × ${(ours / best).toFixed(2)}`,
  );
}
if (sink === 0) console.log('nothing measured');
