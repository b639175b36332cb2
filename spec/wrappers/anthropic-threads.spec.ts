import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { type Recorded, record, stopRecording } from '../support/recorded.js';

type Init = Pick<RequestInit, 'body' | 'signal'>;

const usage = { input_tokens: 10, output_tokens: 5 };
const message = { id: 'm1', type: 'message', role: 'assistant', model: 'claude-x', content: [], usage };
const start = [
  { type: 'message_start', message },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
];
const end = [
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
  { type: 'message_stop' },
];
const whole = { ...message, content: [{ type: 'text', text: 'Hello' }], stop_reason: 'end_turn' };

const line = (event: object) => `event: ${Object(event).type}\ndata: ${JSON.stringify(event)}\n\n`;

/** Answers a request for a stream with events, any other with a whole message. */
const answering =
  (events: readonly object[]) =>
  async (_: unknown, { body }: Init = {}): Promise<Response> => {
    if (!String(body).includes('"stream":true')) return Response.json(whole);
    return new Response(events.map(line).join(''), { headers: { 'content-type': 'text/event-stream' } });
  };

describe('wrapAnthropic(): conversations that the provider keeps', () => {
  let recorded: Recorded;
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const ask = { model: 'claude-x', max_tokens: 9 };
  const hi = { role: 'user' as const, content: 'Hi' };
  const using = (fetch: (url: unknown, init?: Init) => Promise<Response>) =>
    wrapAnthropic(new Anthropic({ apiKey: 'k', maxRetries: 0, fetch }));
  const streaming = (...events: object[]) => using(answering(events));
  const complete = {
    ...{ name: 'anthropic-messages', status: 'OK', model: 'claude-x' },
    output: { messages: [{ role: 'assistant', content: 'Hello' }] },
    tokenUsage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  };

  it('records each turn of a thread, whole and streamed, with the message before it', async () => {
    const thread = streaming(...start, ...end).beta.messages.thread(ask);
    await thread.send(hi);
    const reply = await thread.stream(hi).finalMessage();
    expect(reply.content).to.deep.equal(whole.content);
    expect(thread.messages).to.have.length(4);
    expect(recorded.spans).to.have.length(2);
    for (const span of recorded.spans) expect(span).to.deep.include(complete);
    expect(recorded.spans.map(({ metadata }) => metadata.previous_message_id)).to.deep.equal([undefined, 'm1']);
  });

  it('records a tool runner that streams', async () => {
    const runner = streaming(...start, ...end).beta.messages.toolRunner({
      ...ask,
      ...{ messages: [hi], tools: [], stream: true },
    });
    const types: string[] = [];
    for await (const turn of runner) for await (const event of turn) types.push(event.type);
    expect(types).to.deep.equal([...start, ...end].map(({ type }) => type));
    expect(recorded.span).to.deep.include(complete);
    expect(recorded.span.completionStartTime).not.to.equal(undefined);
  });

  it('records a stream that is left early, one that is aborted and one that is refused', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'busy' } };
    const cut = streaming(...start, error)
      .beta.messages.thread(ask)
      .stream(hi);
    expect(await cut.finalMessage().then(String, String)).to.include('busy');
    const open = new ReadableStream({ start: (controller) => controller.enqueue(start.map(line).join('')) });
    const untilAborted = async (_: unknown, { signal }: Init = {}) =>
      new Response(open.pipeThrough(new TextEncoderStream(), { ...(signal && { signal }) }));
    const aborted = using(untilAborted).beta.messages.thread(ask).stream(hi);
    aborted.on('text', () => aborted.abort());
    expect(await aborted.finalMessage().then(String, String)).to.include('aborted');
    const refused = using(async () => Response.json({}, { status: 401 })).beta.messages.thread(ask);
    expect(await refused.send(hi).then(String, String)).to.include('401');
    await new Promise(setImmediate);
    expect(recorded.spans.map(({ status }) => status)).to.have.members(['ERROR', 'OK', 'ERROR']);
    expect(recorded.spans.find(({ status }) => status === 'OK')?.metadata).to.include({ aborted: true });
  });
});
