// A client process of local.bench.ts: sends traces of six spans at a steady rate and prints how many were acknowledged.
//
//     node --import tsx spec/bench/local-load.ts <url> <traces per second> <seconds> <days back>
import { randomUUID } from 'node:crypto';
import http from 'node:http';

const [url = '', rate = '1000', seconds = '30', days = '0'] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
const names = ['support-agent', 'research-agent', 'invoice-agent', 'nightly-index', 'translate'];
const prompt = 'He said "hello", then went on about the weather for a while. '.repeat(6);
const kinds = ['AGENT', 'RETRIEVER', 'LLM', 'TOOL', 'LLM', 'CHAIN'];
let made = 0;
let acknowledged = 0;
let failed = 0;

function trace(): string {
  made += 1;
  const start = Date.now() - Math.random() * Number(days) * 86_400_000;
  const time = (ms: number) => new Date(start + ms).toISOString();
  const root = randomUUID();
  const spans = kinds.map((kind, at) => ({
    span_id: at === 0 ? root : randomUUID(),
    parent_span_id: at === 0 ? null : root,
    name: `step-${at}`,
    kind,
    status: 'OK',
    started_at: time(at * 10),
    ended_at: time(at * 10 + 9),
    input: { messages: [{ role: 'user', content: prompt }] },
    output: { messages: [{ role: 'assistant', content: prompt }] },
    ...(kind === 'LLM'
      ? { model: 'gpt-5.4', token_usage: { prompt_tokens: 120, completion_tokens: 40 }, cost: { total: 0.001 } }
      : {}),
  }));
  return JSON.stringify({
    trace_id: randomUUID(),
    name: `${names[made % names.length]}-${made % 97}`,
    status: made % 25 === 0 ? 'ERROR' : 'COMPLETED',
    started_at: time(0),
    ended_at: time(60 + (made % 500)),
    session_id: `session-${Math.floor(made / 4) % 5000}`,
    user_id: `user-${made % 800}`,
    tags: [`tag-${made % 12}`],
    input: { messages: [{ role: 'user', content: prompt }] },
    output: { messages: [{ role: 'assistant', content: prompt }] },
    spans,
  });
}

function send(body: string): Promise<void> {
  return new Promise((resolve) => {
    const headers = {
      'X-API-Key': 'k',
      'X-Project-Name': 'load',
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    };
    const request = http.request(`${url}/traces`, { method: 'POST', agent, headers }, (response) => {
      if (response.statusCode === 202) acknowledged += 1;
      else failed += 1;
      response.resume().on('end', resolve);
    });
    request.on('error', () => {
      failed += 1;
      resolve();
    });
    request.end(body);
  });
}

const total = Number(rate) * Number(seconds);
const startedAt = performance.now();
const open = new Set<Promise<void>>();
while (made < total) {
  const due = Math.min(total, ((performance.now() - startedAt) / 1000) * Number(rate));
  while (made < due && open.size < 64) {
    const sending: Promise<void> = send(trace()).then(() => void open.delete(sending));
    open.add(sending);
  }
  if (open.size >= 64) await Promise.race(open);
  else await new Promise((resolve) => setTimeout(resolve, 2));
}
await Promise.all(open);
agent.destroy();
const tookMs = performance.now() - startedAt;
console.log(JSON.stringify({ made, acknowledged, failed, tookMs: Math.round(tookMs) }));
