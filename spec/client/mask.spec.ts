import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  ConsoleSink,
  HttpSink,
  init,
  type Mask,
  type MaskContext,
  MemorySink,
  type Options,
  type Sink,
  shutdown,
  startTrace,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { listenToStderr } from './said.js';
import { canary, plants } from './secrets.js';

/** Takes the canary out of keys and values, wherever it is. */
const hide: Mask = (value) => JSON.parse(JSON.stringify(value).replaceAll(canary, '***'));

/** Runs the code with a mask and gives everything that got out: to sinks of all sorts, console, stderr, wire and disk. */
async function whatGotOut(receiver: Receiver, plant: (typeof plants)[string], options: Options): Promise<string> {
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
    await plant(client);
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

describe('P27 Mask', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
  });
  afterEach(async () => {
    await shutdown();
    await receiver.close();
  });

  for (const [where, plant] of Object.entries(plants)) {
    it(`P27 keeps a secret in ${where} out of every sink and every byte sent`, async () => {
      const masked = await whatGotOut(receiver, plant, { mask: hide });
      expect(masked).to.include('***').and.not.include(canary);
      expect(receiver.problems).to.deep.equal([]);
      expect(receiver.traces.length, 'traces that arrived').to.be.greaterThan(0);
      const bare = await whatGotOut(receiver, plant, {});
      expect(bare, 'without a mask').to.include(canary);
    });

    it(`P27 replaces a secret in ${where} when the mask throws`, async () => {
      const mask = () => {
        throw new Error(`no mask for ${canary}`);
      };
      const masked = await whatGotOut(receiver, plant, { mask });
      expect(masked).to.include('[Masked: mask failed]').and.not.include(canary);
      expect(receiver.problems).to.deep.equal([]);
      expect(receiver.traces.length, 'traces that arrived').to.be.greaterThan(0);
    });
  }

  describe('what it is called with', () => {
    it('is a plain copy and where it belongs', () => {
      const seen: (readonly [unknown, MaskContext])[] = [];
      const mask: Mask = (value, context) => {
        seen.push([value, context]);
        return value;
      };
      init({ sinks: [new MemorySink()], mask });
      const messages = [{ role: 'user', content: 'hi' }];
      withTrace('agent', { input: new Map([['messages', messages]]), tags: ['tag'], sessionId: 'chat' }, (t) => {
        withSpan('call', { kind: 'TOOL', model: 'm' }, (s) => s.setOutput(new Set([1])));
        t.setMetadata({ round: 1 });
      });
      const own = { traceName: 'agent', spanName: undefined, kind: undefined };
      const spans = { traceName: 'agent', spanName: 'call', kind: 'TOOL' };
      expect(seen.filter(([, { field }]) => field !== 'name')).to.have.deep.members([
        ['chat', { ...own, field: 'sessionId' }],
        ['tag', { ...own, field: 'tags' }],
        [{ messages }, { ...own, field: 'input' }],
        ['m', { ...spans, field: 'model' }],
        [[1], { ...spans, field: 'output' }],
        [{ round: 1 }, { ...own, field: 'metadata' }],
      ]);
      expect(seen.filter(([, { field }]) => field === 'name').map(([value]) => value)).to.deep.equal(['agent', 'call']);
    });

    it('may be changed in place, and the data of the caller is not', () => {
      const memory = new MemorySink();
      const mask: Mask = (value) => {
        if (typeof value === 'object' && value !== null) (value as { key?: string }).key = '***';
        return value;
      };
      init({ sinks: [memory], mask });
      const input = { key: 'secret', other: 1 };
      withTrace('agent', () => withSpan('step', { input }, () => {}));
      expect(memory.traces[0]?.spans[0]?.input).to.deep.equal({ key: '***', other: 1 });
      expect(input).to.deep.equal({ key: 'secret', other: 1 });
    });
  });

  describe('what it gives back', () => {
    const outcomes: Record<string, readonly [mask: Mask, input: unknown, name: string]> = {
      'another value is recorded': [() => ({ other: 1 }), { other: 1 }, '[Masked]'],
      'a text is recorded': [() => 'text', 'text', 'text'],
      'undefined leaves the value out': [() => undefined, undefined, '[Masked]'],
      'null is recorded': [() => null, null, '[Masked]'],
      'a promise replaces the value': [async (value) => value, '[Masked: mask failed]', '[Masked: mask failed]'],
      'a rejected promise replaces the value': [
        () => Promise.reject(new Error(canary)),
        '[Masked: mask failed]',
        '[Masked: mask failed]',
      ],
      'a function replaces the value': [() => () => 1, '[Masked: mask failed]', '[Masked: mask failed]'],
      'a value with a null character is mended': [() => 'a\u0000b', 'ab', 'ab'],
    };
    for (const [what, [mask, input, name]] of Object.entries(outcomes)) {
      it(`decides: ${what}`, async () => {
        const memory = new MemorySink();
        const said = listenToStderr();
        try {
          init({ sinks: [memory], mask });
          const t = startTrace('agent', { input: { messages: [{ role: 'user', content: 'hi' }] } });
          t.end();
          await new Promise((resolve) => setImmediate(resolve));
        } finally {
          said.restore();
        }
        expect(memory.traces.map((one) => [one.name, one.input])).to.deep.equal([[name, input]]);
        expect(said.lines.join()).not.to.include(canary);
      });
    }
  });
});
