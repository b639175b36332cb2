import { expect } from 'chai';
import { pandaProbeMiddleware } from '../../lib/integrations/vercel-ai.js';
import { record, stopRecording } from '../support/recorded.js';
import { sdkScene } from './support/vercel-ai.js';

/** Replies of models for `ai` 5, whose packages pass on what the provider counts. */
const older = {
  anthropic: {
    provider: 'anthropic.messages',
    usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15, cachedInputTokens: 8 },
    providerMetadata: {
      anthropic: {
        cacheCreationInputTokens: 20,
        usage: { input_tokens: 10, cache_read_input_tokens: 8, cache_creation: { ephemeral_1h_input_tokens: 4 } },
      },
    },
    counted: {
      ...{ prompt_tokens: 38, completion_tokens: 5, total_tokens: 43 },
      ...{ cache_read_tokens: 8, cache_creation_tokens: 20, cache_creation_1h_tokens: 4 },
    },
  },
  'Amazon Bedrock': {
    provider: 'amazon-bedrock',
    usage: { inputTokens: 10, outputTokens: 5, totalTokens: 43, cachedInputTokens: 8 },
    providerMetadata: { bedrock: { usage: { cacheWriteInputTokens: 20 } } },
    counted: {
      ...{ prompt_tokens: 38, completion_tokens: 5, total_tokens: 43 },
      ...{ cache_read_tokens: 8, cache_creation_tokens: 20 },
    },
  },
  Google: {
    provider: 'google.generative-ai',
    usage: { inputTokens: 10, outputTokens: 5, totalTokens: 45, reasoningTokens: 30, cachedInputTokens: 4 },
    providerMetadata: {
      google: { usageMetadata: { totalTokenCount: 45, thoughtsTokenCount: 30, cachedContentTokenCount: 4 } },
    },
    counted: {
      ...{ prompt_tokens: 10, completion_tokens: 35, total_tokens: 45 },
      ...{ reasoning_tokens: 30, cache_read_tokens: 4 },
    },
  },
  OpenAI: {
    provider: 'openai.responses',
    usage: { inputTokens: 10, outputTokens: 40, totalTokens: 50, reasoningTokens: 30, cachedInputTokens: 4 },
    providerMetadata: { openai: {} },
    counted: {
      ...{ prompt_tokens: 10, completion_tokens: 40, total_tokens: 50 },
      ...{ reasoning_tokens: 30, cache_read_tokens: 4 },
    },
  },
};

const content = [{ type: 'text', text: 'Warm' }];

describe('Token counts of models of the Vercel AI SDK', () => {
  for (const version of [5, 6] as const) {
    describe(`with ai ${version}`, () => {
      const scene = sdkScene(version);
      for (const [name, { provider, usage, providerMetadata, counted }] of Object.entries(older)) {
        it(`include the cache and reasoning of a model for ai 5 by ${name}`, async () => {
          const model = {
            ...{ specificationVersion: 'v2', provider, modelId: 'm', supportedUrls: {} },
            doGenerate: async () => ({ content, finishReason: 'stop', usage, providerMetadata, warnings: [] }),
            doStream: async () => ({
              stream: ReadableStream.from([
                { type: 'stream-start', warnings: [] },
                { type: 'text-start', id: '1' },
                { type: 'text-delta', id: '1', delta: 'Warm' },
                { type: 'text-end', id: '1' },
                { type: 'finish', finishReason: 'stop', usage, providerMetadata },
              ]),
            }),
          };
          const call = { model: model as never, prompt: 'Hi', ...scene.traced() };
          const { textStream } = scene.ai.streamText(call);
          for await (const _ of textStream);
          // Not streamed, ai 5 tells no details, and the metadata only those of these two.
          const hasDetails = version === 6 || name === 'anthropic' || name === 'Google';
          if (hasDetails) await scene.ai.generateText(call);
          const calls = scene.recorded.spans.filter(({ kind }) => kind === 'LLM');
          expect(calls.map(({ tokenUsage }) => tokenUsage)).to.deep.equal(hasDetails ? [counted, counted] : [counted]);
        });
      }
    });
  }

  describe('with the middleware', () => {
    /** The recorded span of a call with this reply. */
    const spanOf = async (reply: object) => {
      const recorded = record();
      const doGenerate = async () => ({ content, finishReason: { unified: 'stop' }, ...reply });
      await pandaProbeMiddleware().wrapGenerate({ doGenerate, params: {}, model: { modelId: 'm', provider: 'p' } });
      await stopRecording();
      return recorded.span;
    };

    it('add nothing to counts that are whole already', async () => {
      const { tokenUsage } = await spanOf({
        usage: {
          inputTokens: { total: 38, noCache: 10, cacheRead: 8, cacheWrite: 20 },
          outputTokens: { total: 35, reasoning: 30 },
          raw: { input_tokens: 10, cache_creation: { ephemeral_1h_input_tokens: 4 } },
        },
        providerMetadata: { anthropic: { cacheCreationInputTokens: 20 } },
      });
      expect(tokenUsage).to.deep.equal({
        ...{ prompt_tokens: 38, completion_tokens: 35, total_tokens: 73, reasoning_tokens: 30 },
        ...{ cache_read_tokens: 8, cache_creation_tokens: 20, cache_creation_1h_tokens: 4 },
      });
    });

    it('count separately what was written to the cache of OpenAI for 12 hours', async () => {
      const { tokenUsage } = await spanOf({
        usage: {
          inputTokens: { total: 100, noCache: 50, cacheWrite: 50 },
          outputTokens: { total: 20 },
          raw: {
            ...{ input_tokens: 100, output_tokens: 20 },
            input_tokens_details: { cache_write_tokens: 50, cache_write_tokens_details: { ttl_12h_tokens: 30 } },
          },
        },
      });
      expect(tokenUsage).to.deep.include({ cache_creation_tokens: 50, cache_creation_12h_tokens: 30 });
    });

    it('count audio separately, which has prices of its own', async () => {
      const { tokenUsage } = await spanOf({
        usage: {
          inputTokens: { total: 50, noCache: 50 },
          outputTokens: { total: 20 },
          raw: {
            ...{ prompt_tokens: 50, completion_tokens: 20 },
            ...{ prompt_tokens_details: { audio_tokens: 40 }, completion_tokens_details: { audio_tokens: 15 } },
          },
        },
      });
      expect(tokenUsage).to.deep.include({ prompt_audio_tokens: 40, audio_tokens: 15 });
    });

    it('come with the tier, the region and the searches that Anthropic charges', async () => {
      const usage = { service_tier: 'batch', inference_geo: 'us', server_tool_use: { web_search_requests: 2 } };
      const span = await spanOf({ providerMetadata: { anthropic: { usage } } });
      expect(span).to.have.property('call').that.deep.includes({ serviceTier: 'batch', region: 'us', webSearches: 2 });
    });

    it('come with the cost that a gateway states', async () => {
      const costs = [
        { gateway: { cost: '0.0045', marketCost: '0.0045' } },
        { gateway: { cost: '0', marketCost: '0.0045' } },
        { openrouter: { usage: { cost: 0.0045, costDetails: { upstreamInferenceCost: 0.0045 } } } },
        { openrouter: { usage: { cost: 0.0005, costDetails: { upstreamInferenceCost: 0.004 } } } },
      ];
      for (const providerMetadata of costs) {
        expect((await spanOf({ providerMetadata })).cost?.total).to.be.closeTo(0.0045, 1e-12);
      }
      expect((await spanOf({ providerMetadata: { openai: {} } })).cost).to.equal(undefined);
    });
  });
});
