import { expect } from 'chai';
import { modelAdapter } from '../../lib/integrations/langchain/chat-adapter.js';
import { TokenStream } from '../../lib/integrations/langchain/reply-stream.js';
import { PandaProbeExporter } from '../../lib/integrations/mastra.js';
import { OpenAIAgentsAdapter } from '../../lib/integrations/openai-agents.js';
import { record, stopRecording } from '../support/recorded.js';

describe('Replies in frameworks', () => {
  describe('token counts of LangChain', () => {
    const usageOf = (usage_metadata: object, raw?: object) => {
      const message = { usage_metadata, response_metadata: { usage: raw } };
      const { usage } = modelAdapter('m').reply({ output: { generations: [[{ message }]] }, isCached: false });
      return Object.fromEntries(Object.entries(usage ?? {}).filter(([, count]) => count !== undefined));
    };

    it('have audio and images apart, which have prices of their own', () => {
      expect(
        usageOf({
          ...{ input_tokens: 50, output_tokens: 20, total_tokens: 70 },
          input_token_details: { audio: 40, image: 5, cache_read: 3 },
          output_token_details: { audio: 15, image: 2, reasoning: 1 },
        }),
      ).to.deep.equal({
        ...{ prompt_tokens: 50, completion_tokens: 20, total_tokens: 70, reasoning_tokens: 1, cache_read_tokens: 3 },
        ...{ prompt_audio_tokens: 40, prompt_image_tokens: 5, audio_tokens: 15, image_tokens: 2 },
      });
    });

    it('include cached tokens and reasoning that the provider counts separately', () => {
      const beside = { input_tokens: 10, output_tokens: 5, total_tokens: 43 };
      expect(usageOf({ ...beside, input_token_details: { cache_read: 8, cache_creation: 20 } })).to.deep.include({
        ...{ prompt_tokens: 38, completion_tokens: 5, total_tokens: 43 },
      });
      expect(usageOf({ ...beside, output_token_details: { reasoning: 28 } })).to.deep.include({
        ...{ prompt_tokens: 10, completion_tokens: 33, total_tokens: 43 },
      });
      expect(
        usageOf({ ...beside, total_tokens: 15, input_token_details: { cache_read: 8 } }),
        'already in them',
      ).to.deep.include({ prompt_tokens: 10, completion_tokens: 5 });
    });

    it('are corrected by those of Anthropic, if the framework has counted the cache twice, or not in the prompt', () => {
      const raw = { cache_read_input_tokens: 100, cache_creation_input_tokens: 0 };
      const twice = { input_token_details: { cache_read: 200, cache_creation: 0 } };
      expect(
        usageOf({ input_tokens: 110, output_tokens: 5, total_tokens: 115, ...twice }, raw),
        'a stream',
      ).to.deep.equal({
        ...{ prompt_tokens: 110, completion_tokens: 5, total_tokens: 115 },
        cache_read_tokens: 100,
      });
      const apart = {
        input_tokens: 200,
        output_tokens: 5,
        total_tokens: 205,
        input_token_details: { cache_read: 100 },
      };
      expect(usageOf(apart, { input_tokens: 200, ...raw }), 'without the cache').to.deep.include({
        ...{ prompt_tokens: 300, completion_tokens: 5, total_tokens: 305, cache_read_tokens: 100 },
      });
      expect(usageOf(apart, { input_tokens: 100, ...raw }), 'as they should be').to.deep.include({
        ...{ prompt_tokens: 200, completion_tokens: 5, total_tokens: 205, cache_read_tokens: 100 },
      });
    });

    it('have apart what was written to the cache of Anthropic for an hour, which the framework leaves out', () => {
      const counted = { input_tokens: 130, output_tokens: 5, total_tokens: 135 };
      const raw = { cache_read_input_tokens: 100, cache_creation_input_tokens: 20 };
      const cache_creation = { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 15 };
      const input_token_details = { cache_read: 100, cache_creation: 20 };
      expect(usageOf({ ...counted, input_token_details }, { ...raw, cache_creation })).to.deep.equal({
        ...{ prompt_tokens: 130, completion_tokens: 5, total_tokens: 135 },
        ...{ cache_read_tokens: 100, cache_creation_tokens: 20, cache_creation_1h_tokens: 15 },
      });
    });

    it('are those of the provider, if its server names no role in a stream, so that the framework counts nothing', () => {
      const message = {
        ...{ type: 'generic', content: 'Hello' },
        response_metadata: {
          usage: { prompt_tokens: 9, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 3 } },
        },
      };
      const { usage } = modelAdapter('m').reply({ output: { generations: [[{ message }]] }, isCached: false });
      expect(usage).to.deep.include({ prompt_tokens: 9, completion_tokens: 4, cache_read_tokens: 3 });
    });

    it('of a stream are the sum of its chunks, as in the framework', () => {
      const stream = new TokenStream();
      const chunk = (usage_metadata: object) => {
        stream.add({ token: 'a', completion: 0, chunk: { message: { content: 'a', usage_metadata } } });
      };
      chunk({ input_tokens: 10, output_tokens: 0, total_tokens: 10, input_token_details: { cache_read: 4 } });
      chunk({ input_tokens: 0, output_tokens: 7, total_tokens: 7, input_token_details: { cache_read: 0 } });
      expect(stream.facts().usage).to.deep.include({ prompt_tokens: 10, completion_tokens: 7, cache_read_tokens: 4 });
    });

    it('of a stream of Anthropic are its last ones, because each counts the whole reply so far', () => {
      const adapter = modelAdapter('m');
      const stream = adapter.stream();
      const chunk = (input_tokens: number, output_tokens: number, additional_kwargs: object) => {
        const usage_metadata = { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
        const message = { content: '', usage_metadata, additional_kwargs };
        stream.add(
          { token: '', completion: 0, chunk: { message } },
          { started: () => {}, requested: () => {}, ended: () => {} },
        );
      };
      chunk(10, 3, { type: 'message', role: 'assistant' });
      expect(stream.facts().usage, 'left at once').to.deep.include({ prompt_tokens: 10, completion_tokens: 3 });
      chunk(0, 5, { stop_reason: null });
      chunk(0, 7, { stop_reason: 'end_turn' });
      const right = { prompt_tokens: 10, completion_tokens: 7, total_tokens: 17 };
      expect(stream.facts().usage).to.deep.include(right);
      const message = { usage_metadata: { input_tokens: 10, output_tokens: 15, total_tokens: 25 } };
      const { usage } = adapter.reply({ output: { generations: [[{ message }]] }, isCached: false });
      expect(usage, 'the whole reply, with the sum of the framework').to.deep.include(right);
    });
  });

  it('LangChain: thoughts of Bedrock are reasoning', () => {
    const reply = (content: readonly object[]) =>
      modelAdapter('m').reply({ output: { generations: [[{ message: { content } }]] }, isCached: false });
    const text = 'It is June.';
    for (const reasoningText of [{ text, signature: 's' }, text]) {
      expect(reply([{ type: 'reasoning_content', reasoningText }]).reasoning).to.equal(text);
    }
  });

  it('OpenAI Agents: a model of the AI SDK replies with items of the framework', async () => {
    const recorded = record();
    const processor = new OpenAIAgentsAdapter().createTraceProcessor();
    const span = {
      ...{ spanId: 's1', traceId: 't1', parentId: null },
      spanData: {
        ...{ type: 'generation', model: 'openai.responses:gpt-x', model_config: { provider: 'openai.responses' } },
        input: [{ role: 'user', content: [{ type: 'text', text: 'How warm is it?' }] }],
        output: [
          {
            ...{ type: 'message', role: 'assistant', status: 'completed' },
            content: [{ type: 'output_text', text: 'I look.' }],
          },
          { type: 'function_call', callId: 'c1', name: 'w', arguments: '{"city":"Oslo"}', providerData: {} },
        ],
        usage: { input_tokens: 9, output_tokens: 4 },
      },
    };
    await processor.onTraceStart({ traceId: 't1', name: 'run' });
    await processor.onSpanStart(span);
    await processor.onSpanEnd(span);
    await processor.onTraceEnd({ traceId: 't1', name: 'run' });
    expect(recorded.spans).to.have.lengthOf(1);
    expect(recorded.span).to.deep.include({
      ...{ name: 'gpt-x', model: 'gpt-x', status: 'OK' },
      tokenUsage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
    });
    const said = JSON.stringify(recorded.span?.output);
    for (const part of ['"role":"assistant"', 'I look.', '"tool_calls"', '"name":"w"', 'c1'])
      expect(said).to.include(part);
    await stopRecording();
  });

  it('OpenAI Agents: a call that fails keeps the answer and its tokens', async () => {
    const recorded = record();
    const processor = new OpenAIAgentsAdapter().createTraceProcessor();
    const trace = { traceId: 't1', name: 'run' };
    const output = [{ model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: '' } }] }];
    const usage = { input_tokens: 9, output_tokens: 4 };
    const span = {
      ...{ spanId: 's1', traceId: 't1', parentId: null, error: null as object | null },
      spanData: { type: 'generation', model: 'm', input: [{ role: 'user', content: 'Hi' }] } as object,
    };
    await processor.onTraceStart(trace);
    await processor.onSpanStart(span);
    Object.assign(span.spanData, { output, usage });
    span.error = { message: 'the answer was cut' };
    await processor.onSpanEnd(span);
    await processor.onTraceEnd(trace);
    expect(recorded.span).to.deep.include({
      status: 'ERROR',
      output: { messages: [{ role: 'assistant', content: '' }] },
      tokenUsage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
    });
    await stopRecording();
  });

  describe('token counts of Mastra', () => {
    const usageOf = async (usage: object) => {
      const recorded = record();
      const exporter = new PandaProbeExporter();
      const exportedSpan = {
        ...{ id: 's1', traceId: 't1', type: 'model_inference', name: 'm', isRootSpan: true, startTime: new Date() },
        attributes: { model: 'm' },
      };
      await exporter.onTracingEvent({ type: 'span_started', exportedSpan });
      const attributes = { ...exportedSpan.attributes, usage, finishReason: 'stop' };
      const ended = { ...exportedSpan, attributes, endTime: new Date(), output: { text: 'Hi' } };
      await exporter.onTracingEvent({ type: 'span_ended', exportedSpan: ended });
      const { tokenUsage } = recorded.span;
      await stopRecording();
      return tokenUsage;
    };

    it('have audio, images and the hour cache apart', async () => {
      expect(
        await usageOf({
          ...{ inputTokens: 90, outputTokens: 20 },
          inputDetails: { cacheRead: 3, cacheWrite: 30, cacheWrite5m: 10, cacheWrite1h: 20, audio: 40, image: 5 },
          outputDetails: { audio: 15, image: 2, reasoning: 1 },
        }),
      ).to.deep.equal({
        ...{ prompt_tokens: 90, completion_tokens: 20, total_tokens: 110, reasoning_tokens: 1 },
        ...{ cache_read_tokens: 3, cache_creation_tokens: 30, cache_creation_1h_tokens: 20 },
        ...{ prompt_audio_tokens: 40, prompt_image_tokens: 5, audio_tokens: 15, image_tokens: 2 },
      });
    });

    const added: readonly [string, object, object][] = [
      [
        'include a cache that the package of a provider counts beside them',
        { inputTokens: 10, outputTokens: 5, inputDetails: { cacheRead: 100, cacheWrite: 20 } },
        { prompt_tokens: 130, completion_tokens: 5, total_tokens: 135 },
      ],
      [
        'include reasoning that the package of a provider counts beside them',
        { inputTokens: 14, outputTokens: 1, totalTokens: 115, outputDetails: { reasoning: 100 } },
        { prompt_tokens: 14, completion_tokens: 101, total_tokens: 115 },
      ],
      [
        'are left as they are where both are in them',
        { inputTokens: 130, outputTokens: 9, inputDetails: { cacheRead: 100 }, outputDetails: { reasoning: 4 } },
        { prompt_tokens: 130, completion_tokens: 9, total_tokens: 139 },
      ],
    ];
    for (const [what, usage, expected] of added) {
      it(what, async () => expect(await usageOf(usage)).to.deep.include(expected));
    }
  });
});
