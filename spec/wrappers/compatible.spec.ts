import { expect } from 'chai';
import OpenAI from 'openai';
import type { SpanView } from '../../lib/client/trace-view.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { compatible } from './compatible/replies.js';
import { type Answer, type Provider, startProvider } from './support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from './support/recorded.js';

/* Servers that speak OpenAI's language, each in its own way. */

const messages = [{ role: 'user' as const, content: 'How warm is it?' }];
const head = { id: 'c1', created: 1, model: 'm' };

describe('wrapOpenAI(): compatible servers', () => {
  let provider: Provider;
  let recorded: Recorded;
  let answer: Answer;
  before(async () => {
    provider = await startProvider(() => answer);
  });
  after(() => provider[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const client = () => wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: provider.url, maxRetries: 0, logLevel: 'off' }));
  const reply = (choice: object, rest: object = {}): Answer => ({
    kind: 'json',
    body: { ...head, object: 'chat.completion', choices: [{ index: 0, finish_reason: 'stop', ...choice }], ...rest },
  });
  const chunk = (delta: object | undefined, choice: object = {}, rest: object = {}) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, finish_reason: null, ...(delta === undefined ? {} : { delta }), ...choice }],
    ...rest,
  });
  const stream = (...events: readonly object[]): Answer => ({ kind: 'sse', events, done: true });

  const ask = async (given: Answer) => {
    answer = given;
    return client().chat.completions.create({ model: 'm', messages });
  };
  const askStreamed = async (given: Answer) => {
    answer = given;
    return drain(await client().chat.completions.create({ model: 'm', messages, stream: true }));
  };

  describe('tokens and cost', () => {
    for (const { server, reply: rest, choice, tokens, cost } of compatible) {
      it(`reads a whole reply of ${server}`, async () => {
        await ask(reply({ message: { role: 'assistant', content: 'warm' }, ...choice }, rest));
        expect(recorded.span).to.deep.include({ tokenUsage: tokens, cost });
      });

      it(`reads a stream of ${server}`, async () => {
        await askStreamed(
          stream(chunk({ role: 'assistant', content: 'warm' }), chunk({}, { finish_reason: 'stop', ...choice }, rest)),
        );
        expect(recorded.span).to.deep.include({ tokenUsage: tokens, cost });
      });
    }

    it('takes the last of counts that every chunk carries', async () => {
      const counted = (completion_tokens: number) => ({
        usage: { prompt_tokens: 38, completion_tokens, total_tokens: 38 + completion_tokens },
      });
      await askStreamed(
        stream(
          chunk({ content: 'a' }, {}, counted(1)),
          chunk({ content: 'b' }, {}, counted(2)),
          chunk({}, { finish_reason: 'stop' }, { usage: null }),
        ),
      );
      expect(recorded.span.tokenUsage).to.deep.equal({ prompt_tokens: 38, completion_tokens: 2, total_tokens: 40 });
    });

    it('joins counts that come in two chunks, and keeps them where zeros follow', async () => {
      await askStreamed(
        stream(
          chunk({ content: 'a' }, {}, { usage: { prompt_tokens: 38 } }),
          chunk({}, { finish_reason: 'stop' }, { usage: { prompt_tokens: 0, completion_tokens: 2 } }),
        ),
      );
      expect(recorded.span.tokenUsage).to.deep.equal({ prompt_tokens: 38, completion_tokens: 2, total_tokens: 40 });
    });

    it('reads a cost of a response in ticks', async () => {
      answer = {
        kind: 'json',
        body: {
          id: 'r',
          object: 'response',
          status: 'completed',
          model: 'm',
          output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'warm' }] }],
          usage: { input_tokens: 20, output_tokens: 10, total_tokens: 30, cost_in_usd_ticks: 5_000_000_000 },
        },
      };
      await client().responses.create({ model: 'm', input: 'How warm?' });
      expect(recorded.span.cost).to.deep.equal({ total: 0.5 });
    });
  });

  describe('content in pieces', () => {
    const pieces = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'six times ' }] },
      { type: 'thinking', thinking: 'seven' },
      { type: 'text', text: 'It is ' },
      { type: 'text', text: '42' },
    ];
    const said = { messages: [{ role: 'assistant', content: 'It is 42' }] };

    it('keeps text and thoughts of a whole reply', async () => {
      await ask(reply({ message: { role: 'assistant', content: pieces } }));
      expect(recorded.span.output).to.deep.equal(said);
      expect(recorded.span.metadata).to.include({ reasoning_summary: 'six times seven' });
    });

    it('keeps text and thoughts of a stream', async () => {
      const chunks = pieces.map((piece) => chunk({ content: [piece] }));
      await askStreamed(stream(...chunks, chunk({}, { finish_reason: 'stop' })));
      expect(recorded.span.output).to.deep.equal(said);
      expect(recorded.span.metadata).to.include({ reasoning_summary: 'six times seven' });
    });

    const others = [
      { type: 'refusal', refusal: 'I will not' },
      { type: 'image_url', image_url: { url: 'https://images.test/1.png' } },
      { type: 'audio', audio: { data: 'AAAA', format: 'wav', transcript: 'hello' } },
    ];
    const kept = {
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'image', url: 'https://images.test/1.png' },
            { type: 'audio', mime_type: 'audio/wav', data: 'AAAA', transcript: 'hello' },
          ],
          refusal: 'I will not',
        },
      ],
    };

    it('keeps refusals, pictures and transcripts, whole and streamed alike', async () => {
      await ask(reply({ message: { role: 'assistant', content: others } }));
      await askStreamed(stream(chunk({ content: others }), chunk({}, { finish_reason: 'stop' })));
      expect(recorded.spans.map(({ output }) => output)).to.deep.equal([kept, kept]);
    });

    it('keeps pictures that stand beside the content', async () => {
      const images = [{ type: 'image_url', image_url: { url: 'https://images.test/1.png' } }];
      await ask(reply({ message: { role: 'assistant', content: 'here', images } }));
      await askStreamed(stream(chunk({ content: 'here' }), chunk({ images }, { finish_reason: 'stop' })));
      const [whole, streamed] = recorded.spans.map(({ output }) => output);
      expect(JSON.stringify(whole)).to.include('https://images.test/1.png');
      expect(streamed).to.deep.equal(whole);
    });

    it('reads thoughts under each name', async () => {
      await ask(reply({ message: { role: 'assistant', content: '42', reasoning: 'r1' } }));
      await ask(reply({ message: { content: '42', reasoning_details: [{ type: 'reasoning.text', text: 'r2' }] } }));
      await askStreamed(
        stream(
          chunk({ reasoning_details: [{ type: 'reasoning.summary', summary: 'r' }] }),
          chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'xx' }] }),
          chunk({ reasoning_details: [{ type: 'reasoning.text', text: '3' }] }, { finish_reason: 'stop' }),
        ),
      );
      const thoughts = recorded.spans.map(({ metadata }) => metadata?.reasoning_summary);
      expect(thoughts).to.deep.equal(['r1', 'r2', 'r3']);
    });
  });

  describe('tool calls in pieces', () => {
    const call = (id: string | undefined, index: number, name: string | undefined, args: string) => ({
      index,
      ...(id === undefined ? {} : { id, type: 'function' }),
      function: { ...(name === undefined ? {} : { name }), arguments: args },
    });
    const calls = async (...pieces: readonly object[]) => {
      const chunks = pieces.map((piece) => chunk({ tool_calls: [piece] }));
      await askStreamed(stream(...chunks, chunk({}, { finish_reason: 'tool_calls' })));
      const { messages } = recorded.span.output as { messages: { tool_calls: { function: object }[] }[] };
      return messages[0]?.tool_calls.map((each) => each.function);
    };
    const weather = { name: 'weather', arguments: '{"city":"Bern"}' };
    const time = { name: 'time', arguments: '{"zone":"UTC"}' };

    it('tells calls with one index apart by their ids', async () => {
      const told = await calls(call('a', 0, 'weather', '{"city":"Bern"}'), call('b', 0, 'time', '{"zone":"UTC"}'));
      expect(told).to.deep.equal([weather, time]);
    });

    it('tells calls without ids apart where each is whole', async () => {
      const told = await calls(call('', 0, 'weather', '{"city":"Bern"}'), call('', 0, 'time', '{"zone":"UTC"}'));
      expect(told).to.deep.equal([weather, time]);
    });

    it('joins pieces of calls with one index by their ids, however they are mixed', async () => {
      const told = await calls(
        call('a', 0, 'weather', '{"city":'),
        call('b', 0, 'time', '{"zone":'),
        call('a', 0, undefined, '"Bern"}'),
        call('b', 0, undefined, '"UTC"}'),
      );
      expect(told).to.deep.equal([weather, time]);
    });

    it('joins pieces whose server repeats the name, or makes a new id each', async () => {
      expect(await calls(call('a', 0, 'weather', '{"city":'), call(undefined, 0, 'weather', '"Bern"}'))).to.deep.equal([
        weather,
      ]);
      await stopRecording();
      recorded = record();
      expect(await calls(call('a', 0, 'weather', '{"city":'), call('b', 0, undefined, '"Bern"}'))).to.deep.equal([
        weather,
      ]);
    });

    it('orders calls by index, and takes arguments that come before the name', async () => {
      const told = await calls(
        call(undefined, 1, undefined, '{"zone":'),
        call('a', 0, 'weather', '{"city":"Bern"}'),
        call('b', 1, 'time', '"UTC"}'),
      );
      expect(told).to.deep.equal([weather, time]);
    });
  });

  describe('failures in a reply of status 200', () => {
    const error = { message: 'Provider returned error', code: 502, metadata: { provider_name: 'x' } };
    const failed = { status: 'ERROR', error: 'Provider returned error' };

    it('fails for one at the top', async () => {
      answer = { kind: 'json', body: { error, user_id: 'u' } };
      await client().chat.completions.create({ model: 'm', messages });
      expect(recorded.span).to.deep.include(failed);
      expect(recorded.span.metadata?.error).to.deep.equal({ type: 'error', code: 502 });
      expect(recorded.trace.status).to.equal('ERROR');
    });

    it('fails for one in a choice, and keeps what was said', async () => {
      await ask(reply({ finish_reason: 'error', error, message: { role: 'assistant', content: 'par' } }));
      expect(recorded.span).to.deep.include(failed);
      expect(recorded.span.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'par' }] });
    });

    it('fails for one in a choice of a chunk', async () => {
      await askStreamed(stream(chunk({ content: 'par' }), chunk({}, { finish_reason: 'error', error })));
      expect(recorded.span).to.deep.include(failed);
    });

    it('fails for one that is a chunk, which the client throws', async () => {
      const thrown = await rejection(askStreamed(stream(chunk({ content: 'par' }), { error })));
      expect(recorded.span.status).to.equal('ERROR');
      expect(recorded.span.error).to.include('Provider returned error');
      expect(thrown.message).to.include('Provider returned error');
    });

    it('fails for one that is a text, and for one of embeddings and responses', async () => {
      answer = { kind: 'json', body: { error: 'model overloaded, key sk-live-1234567890' } };
      await client().chat.completions.create({ model: 'm', messages });
      await client().embeddings.create({ model: 'm', input: 'x', encoding_format: 'float' });
      answer = { kind: 'json', body: { error, output: [] } };
      await client().responses.create({ model: 'm', input: 'x' });
      expect(recorded.spans.map((span) => [span.status, span.error])).to.deep.equal([
        ['ERROR', 'model overloaded, key [key]'],
        ['ERROR', 'model overloaded, key [key]'],
        ['ERROR', 'Provider returned error'],
      ]);
    });

    it('takes an error that is null for none', async () => {
      await ask(reply({ message: { role: 'assistant', content: 'warm' }, error: null }, { error: null }));
      expect(recorded.span.status).to.equal('OK');
    });
  });

  describe('a reply that the client cannot read', () => {
    it('fails where the reply is no JSON', async () => {
      answer = { kind: 'text', text: '{"id": "c1", "choi' };
      await rejection(client().chat.completions.create({ model: 'm', messages }));
      expect(recorded.span.status).to.equal('ERROR');
    });

    it('fails where parse() finds another object, and keeps the reply and its tokens', async () => {
      answer = reply(
        { message: { role: 'assistant', content: '{"degrees":"warm"' } },
        { usage: { prompt_tokens: 2, completion_tokens: 1 } },
      );
      const format = { type: 'json_schema' as const, json_schema: { name: 'w', schema: {}, strict: true } };
      const parsed = client().chat.completions.parse({
        model: 'm',
        messages,
        response_format: Object.assign(format, { $brand: 'auto-parseable-response-format', $parseRaw: JSON.parse }),
      });
      const thrown = await rejection(parsed);
      expect(thrown).to.be.instanceOf(SyntaxError);
      expect(recorded.span.status).to.equal('ERROR');
      expect(recorded.span.error).to.include('SyntaxError');
      expect(recorded.span.tokenUsage).to.include({ prompt_tokens: 2 });
      expect(recorded.span.output).to.deep.equal({ messages: [{ role: 'assistant', content: '{"degrees":"warm"' }] });
    });

    it('fails where parse() meets a reply that was cut', async () => {
      answer = reply({ finish_reason: 'length', message: { role: 'assistant', content: '{' } });
      const format = { type: 'json_object' as const };
      const thrown = await rejection(
        client().chat.completions.parse({
          model: 'm',
          messages,
          response_format: Object.assign(format, { $brand: 'auto-parseable-response-format', $parseRaw: JSON.parse }),
        }),
      );
      expect(recorded.span.status).to.equal('ERROR');
      expect(recorded.span.error).to.include(thrown.constructor.name);
    });
  });

  describe('responses', () => {
    const completed = (output: readonly object[]) => ({
      type: 'response.completed',
      response: { id: 'r', status: 'completed', model: 'm', output, usage: { input_tokens: 1, output_tokens: 2 } },
    });
    const message = (text: string) => ({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text }],
    });
    const drained = async (...events: readonly object[]) => {
      answer = { kind: 'sse', events, named: true };
      await drain(await client().responses.create({ model: 'm', input: 'x', stream: true }));
      return recorded.spans.find(({ kind }) => kind === 'LLM') as SpanView;
    };

    it('keeps what was streamed where the last event has no output', async () => {
      const span = await drained(
        { type: 'response.output_item.done', output_index: 0, item: message('streamed') },
        completed([]),
      );
      expect(span.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'streamed' }] });
      expect(span.tokenUsage).to.deep.equal({ prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 });
    });

    it('orders texts by their index, whichever comes first', async () => {
      const delta = (content_index: number, text: string) => ({
        type: 'response.output_text.delta',
        output_index: 0,
        content_index,
        delta: text,
      });
      const span = await drained(
        delta(1, 'wor'),
        delta(0, 'hello '),
        {
          type: 'response.output_item.added',
          output_index: 0,
          item: { type: 'message', role: 'assistant', content: [] },
        },
        delta(1, 'ld'),
      );
      expect(span.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'hello world' }] });
    });

    it('tells items apart by id where no index is given', async () => {
      const added = (id: string, name: string) => ({
        type: 'response.output_item.added',
        item: { type: 'function_call', id, call_id: id, name },
      });
      const delta = (item_id: string, text: string) => ({
        type: 'response.function_call_arguments.delta',
        item_id,
        delta: text,
      });
      const span = await drained(added('a', 'f'), added('b', 'g'), delta('b', '{"b":1}'), delta('a', '{"a":1}'));
      const { messages: told } = span.output as { messages: { tool_calls: { function: object }[] }[] };
      expect(told[0]?.tool_calls.map((each) => each.function)).to.deep.equal([
        { name: 'f', arguments: '{"a":1}' },
        { name: 'g', arguments: '{"b":1}' },
      ]);
    });
  });
});
