import { expect } from 'chai';
import type { SpanView } from '../../lib/index.js';
import { LangChainCallbackHandler } from '../../lib/integrations/langchain.js';
import { drain } from '../support/recorded.js';
import { langChainScene } from './support/langchain-scene.js';

/** What a provider's package tells the framework of one call. */
interface Told {
  /** Parameters of the call. */
  readonly params?: object;
  /** `ls_…`: who serves which model. */
  readonly ls?: object;
  readonly generationInfo?: object;
  readonly responseMetadata?: object;
  readonly llmOutput?: object;
}

describe('Model calls of LangChain', () => {
  const scene = langChainScene();
  let messages: typeof import('@langchain/core/messages');
  let chat: typeof import('@langchain/core/language_models/chat_models');
  let completion: typeof import('@langchain/core/language_models/llms');
  let caches: typeof import('@langchain/core/caches');
  before(async () => {
    [messages, chat, completion, caches] = await Promise.all([
      import('@langchain/core/messages'),
      import('@langchain/core/language_models/chat_models'),
      import('@langchain/core/language_models/llms'),
      import('@langchain/core/caches'),
    ]);
  });

  /** A chat model of a package that nobody knows, which answers once for each text. */
  function modelThat(told: Told, texts: readonly string[] = ['Hi'], more = {}) {
    class Model extends chat.BaseChatModel {
      override _llmType() {
        return 'acme';
      }
      override invocationParams() {
        return { ...told.params } as never;
      }
      override getLsParams() {
        return { ls_model_type: 'chat', ...told.ls } as never;
      }
      override async _generate() {
        return {
          generations: texts.map((text) => ({
            text,
            message: new messages.AIMessage({ content: text, response_metadata: { ...told.responseMetadata } }),
            ...(told.generationInfo && { generationInfo: { ...told.generationInfo } }),
          })),
          ...(told.llmOutput && { llmOutput: { ...told.llmOutput } }),
        };
      }
    }
    return new Model(more);
  }

  const callbacks = () => [new LangChainCallbackHandler()];
  const spans = () => {
    scene.tree(); // ships
    return scene.recorded.spans;
  };
  async function spanOf(told: Told): Promise<SpanView> {
    await modelThat(told).invoke('Hello', { callbacks: callbacks() });
    return spans().at(-1) ?? expect.fail('there is no span');
  }

  describe('have the name of the model that answered, else of the requested one', () => {
    const rows: readonly (readonly [told: Told, model: string | undefined])[] = [
      [{}, undefined],
      [{ ls: { ls_model_name: 'e' } }, 'e'],
      [{ params: { modelName: 'd' }, ls: { ls_model_name: 'e' } }, 'd'],
      [{ params: { model_name: 'c', modelName: 'd' } }, 'c'],
      [{ params: { model: 'b', model_name: 'c' } }, 'b'],
      [{ params: { model: '', model_name: 'c' } }, 'c'],
      [{ params: { model: 'b' }, generationInfo: { model_name: 'a3' } }, 'a3'],
      [{ params: { model: 'b' }, responseMetadata: { model: 'a2' } }, 'a2'],
      [{ params: { model: 'b' }, responseMetadata: { model: 'a2', model_name: 'a1' } }, 'a1'],
    ];
    for (const [told, model] of rows)
      it(`${model} of ${JSON.stringify(told)}`, async () => {
        expect((await spanOf(told)).model).to.equal(model);
      });
  });

  it('have parameters in the same names for all packages, the names of tools, and no key', async () => {
    const { modelParameters, metadata } = await spanOf({
      params: {
        ...{ temperature: 0, topP: 0.5, maxOutputTokens: 9, stopSequences: ['.'], apiKey: 'S3CRET', user: 'Ada' },
        response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { huge: true } } },
        tools: [{ type: 'function', function: { name: 'w', parameters: {} } }],
      },
    });
    expect(modelParameters).to.deep.equal({
      ...{ temperature: 0, top_p: 0.5, max_output_tokens: 9, stop_sequences: ['.'] },
      response_format: { type: 'json_schema', name: 'answer' },
    });
    expect(metadata).to.deep.include({ tools: ['w'] });
    expect(scene.recorded.text).not.to.include('S3CRET').and.not.include('Ada');
  });

  describe('have their finish reason', () => {
    const rows: readonly (readonly [told: Told, reason: string | undefined])[] = [
      [{}, undefined],
      [{ generationInfo: { finish_reason: 'd' } }, 'd'],
      [{ responseMetadata: { finishReason: 'c' } }, 'c'],
      [{ responseMetadata: { finishReason: 'c', stop_reason: 'b' } }, 'b'],
      [{ responseMetadata: { stop_reason: 'b', finish_reason: 'a' } }, 'a'],
    ];
    for (const [told, reason] of rows)
      it(`${reason} of ${JSON.stringify(told)}`, async () => {
        expect((await spanOf(told)).metadata.finish_reason).to.equal(reason);
      });
  });

  describe('have the tokens that the package reports beside the message', () => {
    const counted = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
    const rows: readonly (readonly [told: Told, usage: object | undefined])[] = [
      [{}, undefined],
      [{ llmOutput: { tokenUsage: { promptTokens: 5, completionTokens: 2, totalTokens: 7 } } }, counted],
      [{ llmOutput: { token_usage: counted } }, counted],
      [{ llmOutput: { usage: { input_tokens: 5, output_tokens: 2 } } }, counted],
      [{ responseMetadata: { usage: counted } }, counted],
      [{ llmOutput: { tokenUsage: {} }, responseMetadata: { usage: counted } }, counted],
    ];
    for (const [told, usage] of rows)
      it(`${JSON.stringify(told)}`, async () => {
        expect((await spanOf(told)).tokenUsage).to.deep.equal(usage);
      });
  });

  it('pass the provider, in the name of the price table, and the tier to estimateCost', async () => {
    const asked: unknown[] = [];
    scene.record({
      estimateCost(_, __, { provider, serviceTier }) {
        asked.push([provider, serviceTier]);
        return 1;
      },
    });
    const usage = { prompt_tokens: 5, completion_tokens: 2 };
    for (const [ls_provider, service_tier] of [
      ['google_vertexai', 'flex'],
      ['amazon_bedrock', undefined],
      ['acme', undefined],
      [undefined, undefined],
    ])
      await spanOf({ params: { model: 'm' }, ls: { ls_provider }, responseMetadata: { usage, service_tier } });
    expect(asked).to.deep.equal([
      ['google', 'flex'],
      ['aws', undefined],
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  it('have all answers if the model returns several', async () => {
    await modelThat({}, ['one', 'two']).invoke('Hello', { callbacks: callbacks() });
    const said = (content: string) => ({ role: 'assistant', content });
    expect(spans()[0]?.output).to.deep.equal({ messages: [said('one'), said('two')] });
  });

  it('have no tokens if the reply comes from a cache, and say so', async () => {
    const told = { params: { model: 'm' }, llmOutput: { tokenUsage: { promptTokens: 5, completionTokens: 2 } } };
    const model = modelThat(told, ['Hi'], { cache: new caches.InMemoryCache() });
    for (let i = 0; i < 2; i += 1) await model.invoke('Hello', { callbacks: callbacks() });
    const [first, second] = spans();
    expect(first?.tokenUsage).to.include({ prompt_tokens: 5 });
    expect(first?.metadata).not.to.have.property('cached');
    expect(second?.tokenUsage).to.equal(undefined);
    expect(second?.metadata).to.deep.include({ cached: true });
    expect(second?.output).to.deep.equal(first?.output);
  });

  describe('that fail in the midst of their stream keep', () => {
    /** One chunk, as the answer at `completion`. */
    interface Piece {
      readonly completion?: number;
      readonly token?: string;
      readonly chunk?: ConstructorParameters<typeof messages.AIMessageChunk>[0];
    }
    async function broken(pieces: readonly Piece[]): Promise<SpanView> {
      const { ChatGenerationChunk } = await import('@langchain/core/outputs');
      class Model extends chat.BaseChatModel {
        override _llmType() {
          return 'acme';
        }
        override async _generate(): Promise<never> {
          throw new Error('it streams');
        }
        override async *_streamResponseChunks(
          ...[, , manager]: Parameters<NonNullable<InstanceType<typeof chat.BaseChatModel>['_streamResponseChunks']>>
        ) {
          for (const { completion = 0, token = '', chunk = '' } of pieces) {
            const message = new messages.AIMessageChunk(chunk as never);
            const generation = new ChatGenerationChunk({ text: token, message });
            await manager?.handleLLMNewToken(token, { prompt: 0, completion }, undefined, undefined, undefined, {
              chunk: generation,
            });
            yield generation;
          }
          throw new Error('cut off');
        }
      }
      const stream = await new Model({}).stream('Hello', { callbacks: callbacks() });
      await drain(stream).catch(() => {});
      const span = spans().at(-1) ?? expect.fail('there is no span');
      expect(span).to.include({ status: 'ERROR', error: 'Error: cut off' });
      return span;
    }
    const said = (content: string | null, more = {}) => ({ role: 'assistant', content, ...more });

    it('nothing, of chunks with nothing in them', async () => {
      expect((await broken([{}, {}])).output).to.equal(undefined);
    });

    it('the text, the model and the tokens so far', async () => {
      const chunk = { content: '', response_metadata: { model_name: 'm-1' } };
      const usage_metadata = { input_tokens: 5, output_tokens: 2, total_tokens: 7 };
      const span = await broken([
        { chunk },
        { token: 'a', chunk: 'a' },
        { token: 'b', chunk: { content: 'b', usage_metadata } } as Piece,
      ]);
      expect(span).to.include({ model: 'm-1' });
      expect(span.output).to.deep.equal({ messages: [said('ab')] });
      expect(span.tokenUsage).to.deep.equal({ prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 });
    });

    it('the text that is only in the parts of chunks', async () => {
      const piece = (text: string) => ({ chunk: { content: [{ type: 'text', text }, { type: 'text' }] } }) as Piece;
      expect((await broken([piece('a'), piece('b')])).output).to.deep.equal({ messages: [said('ab')] });
    });

    it('the text of each of several answers', async () => {
      const pieces = [
        { completion: 1, token: 'b' },
        { completion: 0, token: 'a' },
        { completion: -1, token: 'a' },
        { completion: 1, token: 'b' },
      ];
      expect((await broken(pieces)).output).to.deep.equal({ messages: [said('aa'), said('bb')] });
      expect((await broken([{ completion: 1, token: 'b' }])).output).to.deep.equal({ messages: [said('b')] });
    });

    it('calls of tools and thoughts, alone and together', async () => {
      const calls = (...tool_call_chunks: object[]) => ({ chunk: { content: '', tool_call_chunks } }) as Piece;
      const thinks = (reasoning: string) => ({ chunk: { content: [{ type: 'reasoning', reasoning }] } }) as Piece;
      const call = (id: string, args: string) => ({ id, type: 'function', function: { name: 'w', arguments: args } });
      const pieces = [
        calls({ index: 0, id: 't0', name: 'w', args: '{"a"' }, { index: 1, id: 't1', name: 'w', args: '' }),
        calls({ index: 1, args: '{}' }),
        calls({ index: 0, id: 'other', name: 'other', args: ':1' }),
      ];
      const tool_calls = [call('t0', '{"a":1'), call('t1', '{}')];
      expect((await broken(pieces)).output).to.deep.equal({ messages: [said(null, { tool_calls })] });
      const span = await broken([thinks('Let me '), thinks('see.'), ...pieces]);
      expect(span.output).to.deep.equal({ messages: [said(null, { tool_calls })] });
      expect(span.metadata.reasoning_summary).to.equal('Let me see.');
      const thought = await broken([thinks('Let me see.')]);
      expect(thought.metadata.reasoning_summary).to.equal('Let me see.');
    });
  });

  it('may be completions, whose prompt is a message of the user’s', async () => {
    class Completion extends completion.LLM {
      override _llmType() {
        return 'acme';
      }
      override async _call(prompt: string) {
        if (prompt === 'fail') throw new Error('no luck');
        return `${prompt}!`;
      }
    }
    const model = new Completion({});
    await model.generate(['a', 'b'], { callbacks: callbacks() });
    await model.invoke('fail', { callbacks: callbacks() }).catch(() => {});
    const seen = spans().map(({ kind, input, output, status, error }) => ({ kind, input, output, status, error }));
    const asked = (content: string) => ({ messages: [{ role: 'user', content }] });
    const said = (content: string) => ({ messages: [{ role: 'assistant', content }] });
    const fine = { kind: 'LLM', status: 'OK', error: undefined };
    expect(seen).to.deep.equal([
      { ...fine, input: asked('a'), output: said('a!') },
      { ...fine, input: asked('b'), output: said('b!') },
      { kind: 'LLM', input: asked('fail'), output: undefined, status: 'ERROR', error: 'Error: no luck' },
    ]);
  });
});
