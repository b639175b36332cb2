import { expect } from 'chai';
import { OpenAI } from 'openai';
import { Client, HttpSink, type Options } from '../../../lib/index.js';
import { wrapOpenAI } from '../../../lib/wrappers/openai.js';
import { checkBody } from '../../support/contract.js';
import { type Receiver, type StoredTrace, startReceiver } from '../../support/receiver.js';

/** A trace as a reader of the backend sees it: without what differs from run to run. */
const spanNames = (trace: StoredTrace | undefined) => trace?.spans.map(({ name }) => name) ?? [];

describe('live traces', () => {
  let receiver: Receiver;
  let client: Client;

  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
  });
  afterEach(async () => {
    await client.shutdown({ timeoutMs: 0 });
    await receiver.close();
    expect(receiver.problems).to.eql([]);
  });

  const clientTo = (options: Options = {}) =>
    new Client({
      apiKey: 'sk_pp_key',
      projectName: 'specs',
      endpoint: receiver.url,
      worker: 'inline',
      live: true,
      ...options,
    });
  const stored = (name: string) => receiver.traces.find((trace) => trace.name === name);

  it('P39 shows a trace as RUNNING with its open spans, then each span as it ends, then the trace as it ended', async () => {
    client = clientTo();
    const t = client.trace('agent', { input: { messages: [{ role: 'user', content: 'Why?' }] } });
    const plan = t.span('plan', { kind: 'LLM', model: 'gpt-5.4', input: { messages: [] } });
    await receiver.until(() => spanNames(stored('agent')).length === 1);
    expect(stored('agent')).to.include({ status: 'RUNNING' }).and.not.have.property('ended_at');
    expect(stored('agent')?.spans[0]).to.include({ name: 'plan', status: 'UNSET', model: 'gpt-5.4' });
    expect(stored('agent')?.spans[0]).not.to.have.property('ended_at');

    plan.end();
    await receiver.until(() => stored('agent')?.spans[0]?.ended_at !== undefined);
    expect(stored('agent')?.spans[0]).to.include({ status: 'OK' });
    expect(stored('agent')).to.include({ status: 'RUNNING' });

    t.setOutput({ messages: [{ role: 'assistant', content: 'So.' }] }).end();
    await receiver.until(() => stored('agent')?.status === 'COMPLETED');
    expect(stored('agent')?.output).to.eql({ messages: [{ role: 'assistant', content: 'So.' }] });
    await client.flush();
    expect(client.stats()).to.include({ created: 1, delivered: 1, pending: 0, failed: 0 });
  });

  for (const method of ['trace', 'lateSpans'] as const) {
    it(`sends nothing early to a user's sink that overrides ${method}()`, async () => {
      class Redacting extends HttpSink {}
      Redacting.prototype[method] = function (this: HttpSink, record: never) {
        HttpSink.prototype[method].call(this, record);
      };
      const settings = { apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url, live: true } as const;
      client = new Client({ sinks: [new Redacting({ ...settings, worker: 'inline' })], live: true });
      const beside = new Client({ sinks: [new HttpSink({ ...settings, worker: 'inline' })], live: true });
      const redacted = client.trace('redacted');
      redacted.span('secret');
      const t = beside.trace('as it is');
      t.span('known');
      await receiver.until(() => spanNames(stored('as it is')).length === 1);
      expect(stored('redacted')).to.equal(undefined);
      redacted.end();
      await client.flush();
      expect(stored('redacted')).to.include({ status: 'COMPLETED' });
      await beside.shutdown();
    });
  }

  it('shows the output of a generator so far, and in the end the same as without live', async () => {
    client = clientTo();
    const t = client.trace('agent');
    let tell = () => {};
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const words = t.withSpan('write', { captureOutput: true }, async function* () {
      yield 'one';
      yield 'two';
      await told;
      yield 'three';
    });
    const read = (async () => {
      for await (const _ of words);
    })();
    await receiver.until(() => stored('agent')?.spans[0]?.output !== undefined);
    expect(stored('agent')?.spans[0]).to.deep.include({ status: 'UNSET', output: ['one', 'two'] });
    tell();
    await read;
    t.end();
    await client.flush();
    expect(stored('agent')?.spans[0]).to.deep.include({ status: 'OK', output: ['one', 'two', 'three'] });
  });

  it('shows the streamed answer of a model so far', async () => {
    client = clientTo();
    const encoder = new TextEncoder();
    let answer: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        answer = controller;
      },
    });
    const say = (content: string, finish_reason: string | null = null) =>
      answer?.enqueue(
        encoder.encode(
          `data: ${JSON.stringify({ id: 'c', model: 'gpt-5.4', choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason }] })}\n\n`,
        ),
      );
    const fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    const openai = wrapOpenAI(new OpenAI({ apiKey: 'sk-any', fetch }), { client });
    const t = client.trace('agent');
    const stream = await openai.chat.completions.create({
      ...{ model: 'gpt-5.4', stream: true },
      messages: [{ role: 'user', content: 'Why?' }],
    });
    const read = (async () => {
      for await (const _ of stream);
    })();
    say('Because');
    const outputOf = () => JSON.stringify(stored('agent')?.spans[0]?.output ?? '');
    await receiver.until(() => outputOf().includes('Because'));
    expect(stored('agent')?.spans[0]).to.include({ status: 'UNSET' }).and.not.have.property('ended_at');
    expect(stored('agent')?.spans[0]).to.have.property('completion_start_time');
    say(' of that.', 'stop');
    answer?.enqueue(encoder.encode('data: [DONE]\n\n'));
    answer?.close();
    await read;
    t.end();
    await client.flush();
    expect(outputOf()).to.include('Because of that.');
    expect(stored('agent')?.spans[0]).to.include({ status: 'OK' });
  });

  it('estimates the cost of a call once', async () => {
    let calls = 0;
    client = clientTo({
      estimateCost: () => {
        calls += 1;
        return 0.25;
      },
    });
    const t = client.trace('agent');
    t.withSpan('ask', { kind: 'LLM', model: 'gpt-5.4' }, (s) => s.setTokenUsage({ promptTokens: 3 }));
    await receiver.until(() => stored('agent')?.spans[0]?.cost !== undefined);
    expect(stored('agent')).to.include({ status: 'RUNNING' });
    t.end();
    await client.flush();
    expect(stored('agent')?.spans[0]?.cost).to.eql({ total: 0.25 });
    expect(calls).to.equal(1);
  });

  it('sends the same bytes as without live for runs that end at once', async () => {
    const bodies: string[][] = [];
    for (const live of ['auto', false] as const) {
      client = clientTo({ live });
      const before = receiver.requests.length;
      for (let run = 0; run < 30; run += 1) {
        const t = client.trace('short', { metadata: { run } });
        t.withSpan('step', () => 'done');
        t.end();
      }
      await client.shutdown();
      const sent = receiver.requests.slice(before).map(({ call, body }) => `${call} ${JSON.stringify(body)}`);
      const withoutIdsAndTimes = (text: string) =>
        text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time');
      bodies.push(sent.map(withoutIdsAndTimes).toSorted()); // different traces may overtake each other
    }
    expect(bodies[0]).to.have.lengthOf(30);
    expect(bodies[0]).to.eql(bodies[1]);
  });
});
