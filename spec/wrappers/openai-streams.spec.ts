import { expect } from 'chai';
import { startTrace, withSpan, withTrace } from '../../lib/index.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { openAI } from './support/openai-wire.js';
import { openAIClients } from './support/versions.js';

const messages = [{ role: 'user' as const, content: 'How warm is it?' }];
const ask = (model: string) => ({ model, messages, stream: true as const });
const said = (content: string) => ({ messages: [{ role: 'assistant', content }] });

for (const [name, OpenAI] of await openAIClients()) {
  describe(`wrapOpenAI(): chat streams of ${name}`, () => {
    let provider: Provider;
    let recorded: Recorded;
    before(async () => {
      provider = await startProvider(openAI);
    });
    after(() => provider[Symbol.asyncDispose]());
    beforeEach(() => {
      recorded = record();
      provider.forget();
    });
    afterEach(stopRecording);

    const client = (options?: Parameters<typeof wrapOpenAI>[1]) =>
      wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0, logLevel: 'off' }), options);

    it('records text, time to first content and the end', async () => {
      const stream = await client().chat.completions.create(ask('plain'));
      expect(recorded.traces).to.have.length(0);
      let first = 0;
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) first ||= Date.now();
      const { span } = recorded;
      expect(span).to.deep.include({
        status: 'OK',
        model: 'gpt-x-2026',
        output: said('It is 21 °C'),
        tokenUsage: undefined,
      });
      expect(span.metadata).to.deep.equal({ response_id: 'c1', finish_reason: 'stop' });
      expect(span.completionStartTime?.getTime()).to.be.within(span.startedAt.getTime(), first);
    });

    it('treats the first content, not the empty role chunk, as the first token', async () => {
      const stream = await client().chat.completions.create(ask('plain'));
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      const trace = startTrace('marker');
      trace.end();
      await iterator.next();
      await iterator.return?.();
      const marker = recorded.traces[0]?.endedAt?.getTime() ?? 0;
      expect(recorded.spans[0]?.completionStartTime?.getTime()).to.be.at.least(marker);
    });

    it('counts tokens if the caller asks for them', async () => {
      const stream = await client().chat.completions.create({
        ...ask('plain'),
        stream_options: { include_usage: true },
      });
      expect(await drain(stream)).to.have.length(5);
      expect(recorded.span.tokenUsage).to.deep.include({
        prompt_tokens: 12,
        completion_tokens: 7,
        cache_read_tokens: 4,
      });
    });

    it('asks for tokens with streamUsage, and hides the additional chunk from the caller', async () => {
      const request = ask('plain');
      const chunks = await drain(await client({ streamUsage: true }).chat.completions.create(request));
      expect(chunks).to.have.length(4);
      expect(chunks.every(({ choices }) => choices.length === 1)).to.equal(true);
      expect(recorded.span.tokenUsage).to.deep.include({ prompt_tokens: 12, total_tokens: 19 });
      expect(request).to.deep.equal(ask('plain'));
      expect(provider.seen[0]?.body).to.deep.include({ stream_options: { include_usage: true } });
    });

    it('joins tool calls whose pieces are interleaved', async () => {
      await drain(await client().chat.completions.create(ask('mixed-tools')));
      expect(recorded.span.output).to.deep.equal({
        messages: [
          {
            role: 'assistant',
            content: null,
            tool_calls: [
              { id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Lisbon"}' } },
              { id: 't2', type: 'function', function: { name: 'time', arguments: '{"zone":"WET"}' } },
            ],
          },
        ],
      });
      expect(recorded.span.completionStartTime).not.to.equal(undefined);
    });

    it('records refusals, reasoning and every choice', async () => {
      const openai = client();
      for (const model of ['refusal', 'reasoning', 'three'])
        await drain(await openai.chat.completions.create(ask(model)));
      const [refusal, reasoning, three] = recorded.spans;
      expect(refusal?.output).to.deep.equal({
        messages: [{ role: 'assistant', content: null, refusal: 'I will not' }],
      });
      expect(reasoning?.output).to.deep.equal(said('42'));
      expect(reasoning?.metadata.reasoning_summary).to.equal('six times seven');
      expect(three?.output).to.deep.equal({
        messages: [
          { role: 'assistant', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
      });
      expect(three?.metadata.finish_reasons).to.deep.equal(['stop', 'length']);
    });

    it('keeps the output so far when the reader stops early, and adds nothing to it later', async () => {
      const openai = client();
      for await (const chunk of await openai.chat.completions.create(ask('stall'))) {
        if (chunk.choices[0]?.delta.content === 'It is ') break;
      }
      const { span, trace } = recorded;
      expect(trace.status).to.equal('COMPLETED');
      expect(span).to.deep.include({ status: 'OK', output: said('It is ') });
      expect(span.metadata).to.deep.equal({ response_id: 'c1', stream_incomplete: true });
      await openai.chat.completions.create({ model: 'plain', messages });
      expect(recorded.memory.tree()).to.equal('openai-chat\n└─ openai-chat LLM\nopenai-chat\n└─ openai-chat LLM');
    });

    it('distinguishes an abort inside the loop from a normal end', async () => {
      const stream = await client().chat.completions.create(ask('stall'));
      let seen = 0;
      for await (const _ of stream) {
        seen += 1;
        if (seen === 3) stream.controller.abort();
      }
      expect(recorded.span).to.deep.include({ status: 'OK', output: said('It is 21 °C') });
      expect(recorded.span.metadata).to.deep.include({ stream_incomplete: true, aborted: true });
    });

    it('keeps the output so far when the stream fails', async () => {
      const openai = client();
      for (const model of ['cut', 'error-inside', 'malformed-inside']) {
        await rejection(drain(await openai.chat.completions.create(ask(model))));
      }
      const [cut, error, malformed] = recorded.spans;
      expect(recorded.traces.map(({ status }) => status)).to.deep.equal(['ERROR', 'ERROR', 'ERROR']);
      expect(cut).to.deep.include({ status: 'ERROR', output: said('It is 21 °C') });
      expect(error).to.deep.include({ error: 'APIError: boom', output: said('It is ') });
      expect(error?.metadata.error).to.deep.include({ type: 'server_error', code: 'oops' });
      expect(malformed?.error).to.match(/^SyntaxError: /);
      expect(malformed?.metadata.stream_incomplete).to.equal(true);
    });

    it('ends a stream that nobody reads with its trace', async () => {
      const openai = client();
      await withTrace('agent', async () => {
        await openai.chat.completions.create(ask('plain'));
        const stream = await openai.chat.completions.create(ask('stall'));
        await stream[Symbol.asyncIterator]().next();
      });
      const [unread, begun] = recorded.spans;
      expect(unread).to.deep.include({ status: 'UNSET', output: undefined });
      expect(begun?.output).to.deep.equal({ messages: [{ role: 'assistant', content: '' }] });
      expect(recorded.spans.map(({ metadata }) => metadata['pandaprobe.unfinished'])).to.deep.equal([true, true]);
    });

    it('sends a stream that outlives its trace on its own', async () => {
      const trace = startTrace('agent');
      const stream = await client().chat.completions.create(ask('plain'));
      trace.end();
      await drain(stream);
      expect(recorded.span).to.deep.include({ status: 'OK', output: said('It is 21 °C') });
      expect(recorded.span.metadata['pandaprobe.unfinished']).to.equal(false);
    });

    it('counts a tee() once and turns into a readable stream', async () => {
      const openai = client();
      const [left, right] = (await openai.chat.completions.create(ask('plain'))).tee();
      expect([(await drain(left)).length, (await drain(right)).length]).to.deep.equal([4, 4]);
      expect(recorded.span.output).to.deep.equal(said('It is 21 °C'));
      recorded.memory.clear();
      const readable = (await openai.chat.completions.create(ask('plain'))).toReadableStream();
      expect(await drain(readable as AsyncIterable<unknown>)).to.have.length(4);
      expect(recorded.span.output).to.deep.equal(said('It is 21 °C'));
    });

    it('records the stream() helper, also when it is aborted', async () => {
      const openai = client();
      const helper = openai.chat.completions.stream({ model: 'plain', messages });
      expect(await helper.finalContent()).to.equal('It is 21 °C');
      expect(recorded.span.output).to.deep.equal(said('It is 21 °C'));
      recorded.memory.clear();
      const aborted = openai.chat.completions.stream({ model: 'stall', messages });
      aborted.on('content', () => aborted.abort());
      await rejection(aborted.done());
      expect(recorded.span.metadata).to.deep.include({ stream_incomplete: true });
    });

    it('runs the code between two chunks in the scope around it', async () => {
      const openai = client();
      await withTrace('agent', () =>
        withSpan('answer', async () => {
          for await (const chunk of await openai.chat.completions.create(ask('plain'))) {
            if (chunk.choices[0]?.finish_reason === 'stop') withSpan('log', () => {});
          }
        }),
      );
      expect(recorded.memory.tree()).to.equal('agent\n└─ answer OTHER\n   ├─ openai-chat LLM\n   └─ log OTHER');
    });
  });
}
