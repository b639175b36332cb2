import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type Client,
  ConsoleSink,
  HttpSink,
  init,
  MemorySink,
  type Options,
  type Sink,
  shutdown,
} from '../../lib/index.js';
import type { Receiver } from '../support/receiver.js';
import { listenToStderr } from '../support/stderr.js';

/** Runs `record` and gives everything that got out: to sinks of all sorts, console, stderr, wire and disk. */
export async function whatGotOut(
  receiver: Receiver,
  record: (client: Client) => unknown,
  options: Options,
): Promise<string> {
  const got: unknown[] = [];
  const memory = new MemorySink();
  const spoolDir = mkdtempSync(join(tmpdir(), 'mask-'));
  const endpoint = 'http://127.0.0.1:9'; // nobody is there
  const spooling = new HttpSink({ apiKey: 'k', projectName: 'p', endpoint, worker: 'inline', spoolDir });
  const recording: Sink = {
    name: 'recording',
    trace: (record) => got.push(record, spooling.trace(record)),
    lateSpans: (record) => got.push(record, spooling.lateSpans?.(record)),
    score: (record) => got.push(record, spooling.score?.(record)),
  };
  const stream = { isTTY: false, write: (text: string) => got.push(text) };
  const said = listenToStderr();
  const http = new HttpSink({ apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url, worker: 'inline' });
  try {
    const client = init({
      sinks: [recording, memory, new ConsoleSink(stream), http],
      maxValueBytes: 512,
      debug: true,
      ...options,
    });
    await record(client);
    await shutdown();
    got.push(spooled(spoolDir));
  } finally {
    said.restore();
    await spooling.shutdown({ timeoutMs: 1 });
    rmSync(spoolDir, { recursive: true });
  }
  const requests = receiver.requests.map(({ path, headers, body }) => ({ path, headers, body }));
  return JSON.stringify({ got, memory: [memory.traces, memory.scores, memory.tree()], said: said.lines, requests });
}

/** All that is written below the folder. */
function spooled(spoolDir: string): string {
  const files = readdirSync(spoolDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const text = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
  expect(text, 'the spool').to.include('started_at');
  return text;
}
