// A client process of local.bench.ts: sends traces of six spans at a steady rate and prints how many were acknowledged.
// It shares the machine with the server, so it is cheap: a body is text that was made beforehand with ids and times
// put in between, over plain keep-alive connections.
//
//     node --import tsx spec/bench/local-load.ts <url> <traces per second> <seconds> <days back>
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const [url = '', rate = '1000', seconds = '30', days = '0'] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const connections = 64;
const names = ['support-agent', 'research-agent', 'invoice-agent', 'nightly-index', 'translate'];
const prompt = 'He said "hello", then went on about the weather for a while. '.repeat(6);
const kinds = ['AGENT', 'RETRIEVER', 'LLM', 'TOOL', 'LLM', 'CHAIN'];
const total = Math.floor(Number(rate) * Number(seconds));
let made = 0;
let acknowledged = 0;
let failed = 0;

// Ids differ in their first half only: so many are needed, and random bytes cost.
let pool = Buffer.alloc(0);
let taken = 0;
function newId(): string {
  if (taken + 8 > pool.length) {
    pool = randomBytes(8 * 4096);
    taken = 0;
  }
  const hex = pool.toString('hex', taken, taken + 8);
  taken += 8;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8000-000000000000`;
}

const messages = {
  input: { messages: [{ role: 'user', content: prompt }] },
  output: { messages: [{ role: 'assistant', content: prompt }] },
};
const model = { model: 'gpt-5.4', token_usage: { prompt_tokens: 120, completion_tokens: 40 }, cost: { total: 0.001 } };
/** What stands behind the ids and times of each span. */
const tails = kinds.map((kind, at) => {
  const rest = { name: `step-${at}`, kind, status: 'OK', ...messages, ...(kind === 'LLM' ? model : {}) };
  return `,${JSON.stringify(rest).slice(1)}`;
});
const traceTail = `,${JSON.stringify(messages).slice(1, -1)},"spans":[`;

function trace(): string {
  made += 1;
  const start = Date.now() - Math.random() * Number(days) * 86_400_000;
  const time = (ms: number) => new Date(start + ms).toISOString();
  const root = newId();
  const head = {
    trace_id: newId(),
    name: `${names[made % names.length]}-${made % 97}`,
    status: made % 25 === 0 ? 'ERROR' : 'COMPLETED',
    started_at: time(0),
    ended_at: time(60 + (made % 500)),
    session_id: `session-${Math.floor(made / 4) % 5000}`,
    user_id: `user-${made % 800}`,
    tags: [`tag-${made % 12}`],
  };
  let text = JSON.stringify(head).slice(0, -1) + traceTail;
  for (let at = 0; at < tails.length; at += 1) {
    const parent = at === 0 ? 'null' : `"${root}"`;
    const times = `"started_at":"${time(at * 10)}","ended_at":"${time(at * 10 + 9)}"`;
    const id = at === 0 ? root : newId();
    text += `${at === 0 ? '' : ','}{"span_id":"${id}","parent_span_id":${parent},${times}${tails[at]}`;
  }
  return `${text}]}`;
}

/** Sends one after the other over one connection. */
class Sender {
  readonly #socket: Socket;
  #done: (() => void) | undefined;
  #rest = '';

  constructor() {
    this.#socket = connect(Number(port), hostname).setNoDelay(true).setEncoding('latin1');
    this.#socket.on('data', (text) => this.#read(String(text)));
    this.#socket.on('close', () => this.#end(false));
    this.#socket.on('error', () => {});
  }

  send(body: string): Promise<void> {
    return new Promise((resolve) => {
      this.#done = resolve;
      if (this.#socket.destroyed) return this.#end(false);
      // All of a body is ASCII.
      const head = `POST /traces HTTP/1.1\r\nHost: ${hostname}:${port}\r\nX-API-Key: k\r\nX-Project-Name: load\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
      this.#socket.write(head + body, 'latin1');
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#rest += text;
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#rest)?.[1]);
    if (this.#rest.length < end + 4 + length) return;
    const isTaken = this.#rest.startsWith('HTTP/1.1 202');
    this.#rest = '';
    this.#end(isTaken);
  }

  #end(isTaken: boolean): void {
    if (this.#done === undefined) return;
    const done = this.#done;
    this.#done = undefined;
    if (isTaken) acknowledged += 1;
    else failed += 1;
    done();
  }
}

const startedAt = performance.now();
const idle = Array.from({ length: connections }, () => new Sender());
const senders = [...idle];
let answered = 0;
let finished: () => void = () => {};
const all = new Promise<void>((resolve) => {
  finished = resolve;
});

/** Sends what is due, over the connections that are free. */
function sendDue(): void {
  const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * Number(rate)));
  while (made < due) {
    const sender = idle.pop();
    if (sender === undefined) return;
    void sender.send(trace()).then(() => {
      idle.push(sender);
      answered += 1;
      if (answered === total) finished();
      else sendDue();
    });
  }
}
const timer = setInterval(sendDue, 5);
await all;
clearInterval(timer);
const tookMs = performance.now() - startedAt;
for (const sender of senders) sender.close();
const { user, system } = process.cpuUsage();
const cpuMs = (user + system) / 1000;
console.log(JSON.stringify({ made, acknowledged, failed, tookMs: Math.round(tookMs), cpuMs: Math.round(cpuMs) }));
