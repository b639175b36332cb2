import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { model, type Peer, type Step, sdkPackages, tokens } from './peer.js';

/*
 * What no tracer can do without: for each span one context switch, one id, two readings of the clock, one object
 * and one JSON.stringify of it. `floor` throws the text away, `floorSending` posts it in batches of 512 from the same thread.
 *
 * Of the AI SDK the floor is an integration that keeps what the operation and its model call were given and gave, and writes it
 * at the end. Most of what it costs is the SDK, which makes its events only where somebody takes them.
 */

interface Span {
  readonly id: string;
  readonly trace: string;
  readonly parent: string | undefined;
  readonly name: string;
  readonly model: string;
  readonly tokens: typeof tokens;
  readonly start: number;
  readonly input: unknown;
  end: number;
  output: string | undefined;
}

const current = new AsyncLocalStorage<Span>();

function recordTo(take: (text: string) => void): (name: string, step: Step) => Step {
  return (name, step) => (input) => {
    const outer = current.getStore();
    const id = randomUUID();
    const trace = outer?.trace ?? randomUUID();
    const start = performance.timeOrigin + performance.now();
    const span: Span = { id, trace, parent: outer?.id, name, model, tokens, start, input, end: 0, output: undefined };
    return current.run(span, async () => {
      const output = await step(input);
      span.output = output;
      span.end = performance.timeOrigin + performance.now();
      take(JSON.stringify(span));
      return output;
    });
  };
}

let chars = 0;

/** An integration of `ai` 7 that does the least. */
function leastTelemetry() {
  const events: unknown[] = [];
  const keep = (event: unknown) => void events.push(event);
  const frame = { id: '', trace: '', parent: undefined, name: '', model, tokens, start: 0, input: '', end: 0 };
  return {
    onStart: ({ callId, messages }: Event) => keep({ callId, messages, at: performance.now(), id: randomUUID() }),
    onLanguageModelCallStart: ({ messages }: Event) => keep({ messages, at: performance.now(), id: randomUUID() }),
    executeLanguageModelCall: ({ execute }: { readonly execute: () => unknown }) =>
      current.run({ ...frame, output: undefined }, execute),
    onLanguageModelCallEnd: ({ content, usage }: Event) => keep({ content, usage, at: performance.now() }),
    onEnd({ text, usage }: Event) {
      keep({ text, usage, at: performance.now() });
      chars += JSON.stringify(events.splice(0)).length;
    },
  };
}

type Event = Readonly<Record<string, unknown>>;

export const floor: Peer = {
  title: 'floor',
  packages: sdkPackages,
  entries: [],
  start: async () => {},
  record: recordTo((text) => {
    chars += text.length;
  }),
  flush: async () => chars,
  ways: {},
  clients: { 'ai-sdk': async (client) => ({ ...client, telemetry: { integrations: [leastTelemetry()] } }) },
  wrappers: {},
};

const batchSize = 512;
const batchMs = 200;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let batch: string[] = [];
let url = '';
let timer: NodeJS.Timeout | undefined;
let sending: Promise<void> | undefined;

function post(body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = http.request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', resolve);
    });
    request.once('error', reject).end(body);
  });
}

async function sendAll(): Promise<void> {
  while (batch.length > 0) await post(`{"floor":[${batch.splice(0, batchSize).join(',')}]}`);
}

function send(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  sending ??= sendAll().finally(() => {
    sending = undefined;
  });
  return sending;
}

const recordSending = recordTo((text) => {
  batch.push(text);
  if (batch.length >= batchSize) void send();
  else timer ??= setTimeout(send, batchMs);
});

export const floorSending: Peer = {
  title: 'floor, sending',
  packages: [],
  entries: [],
  async start(settings) {
    url = `${settings.sinkUrl}/floor`;
    batch = [];
  },
  record: recordSending,
  async flush() {
    while (batch.length > 0 || sending !== undefined) await send();
  },
  ways: { context: (name, _parent, body) => recordSending(name, () => body(undefined))('') },
  wrappers: {},
};
