import {
  type BedrockRuntimeClient,
  ConverseCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { expect } from 'chai';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { wrapGemini } from '../../lib/wrappers/gemini.js';
import { wrapMistral } from '../../lib/wrappers/mistral.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { anthropic } from './support/anthropic-wire.js';
import { bedrock } from './support/bedrock-wire.js';
import { bare } from './support/clients.js';
import { gemini } from './support/gemini-wire.js';
import { mistral } from './support/mistral-wire.js';
import { noise } from './support/noise.js';
import { outputsOf, tools } from './support/outputs.js';

// The known weaknesses of one provider each, but OpenAI's; weaknesses.spec.ts says what the numbers count.

const messages = [{ role: 'user' as const, content: 'Hi' }];
const none = (async function* () {})();

/** All but Mistral at one address: their paths differ. One of Mistral's does not, so its spec has a server of its own. */
function wireOf(path: string) {
  if (path.startsWith('/model/')) return bedrock;
  return path.includes('/models/') ? gemini : anthropic;
}

describe('A known weakness of wrappers', () => {
  let server: Provider;
  let recorded: Recorded;
  before(async () => {
    server = await startProvider((seen) => wireOf(seen.path)(seen));
  });
  after(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const claude = () => wrapAnthropic(bare.anthropic(server.url));
  const google = () => wrapGemini(bare.gemini(server.url));
  const aws = (): BedrockRuntimeClient => wrapBedrock(bare.bedrock(server.url));
  const message = (model: string) => claude().messages.create({ model, messages, max_tokens: 9 });
  const messageStream = (model: string) => claude().messages.create({ model, messages, max_tokens: 9, stream: true });
  const outputs = () => outputsOf(recorded);

  describe('8, Anthropic:', () => {
    it('a tool call beside text is lost; here both are kept, whole and streamed', async () => {
      await message('text-and-tool');
      await drain(await messageStream('text-and-tool'));
      const expected = [{ role: 'assistant', content: 'Hello', tool_calls: tools('tu_1') }];
      expect(outputs()).to.deep.equal([expected, expected]);
    });

    it('an answer of nothing but a tool call or a thought has no message; here it has', async () => {
      await message('tools');
      await message('only-thinking');
      expect(outputs()).to.deep.equal([
        [{ role: 'assistant', content: null, tool_calls: tools('tu_1') }],
        [{ role: 'assistant', content: null }],
      ]);
      expect(recorded.spans[1]?.metadata.reasoning_summary).to.equal('Think of Lisbon.');
    });

    it('streams have no totals, time to first token or partial output; here they have all three', async () => {
      await drain(await messageStream('plain'));
      await rejection(drain(await messageStream('cut-tool')));
      const [whole, cut] = recorded.spans;
      expect(whole?.tokenUsage).to.deep.equal({
        prompt_tokens: 15,
        completion_tokens: 9,
        total_tokens: 24,
        reasoning_tokens: 4,
        cache_read_tokens: 3,
        cache_creation_tokens: 2,
      });
      expect(whole?.completionStartTime).not.to.equal(undefined);
      expect(JSON.stringify(cut?.output)).to.include('weather');
    });

    it('the stream helper loses its members, and beta goes unseen; here neither does', async () => {
      const helper = claude().messages.stream({ model: 'plain', messages, max_tokens: 9 });
      expect(await helper.on('text', () => {}).finalText()).to.equal('Hello');
      await claude().beta.messages.create({ model: 'plain', messages, max_tokens: 9 });
      const expected = [{ role: 'assistant', content: 'Hello' }];
      expect(outputs()).to.deep.equal([expected, expected]);
    });
  });

  describe('9, Gemini:', () => {
    it('parts other than text are erased; here they are kept, and every form of contents is read', async () => {
      const ai = google();
      await ai.models.generateContent({ model: 'plain', contents: { text: 'Hi' } });
      const picture = { inlineData: { mimeType: 'image/png', data: noise(3000).toString('base64') } };
      await ai.models.generateContent({ model: 'tools', contents: ['Look', picture] });
      const inputs = recorded.spans.map(({ input }) => (input as { messages: unknown[] }).messages);
      expect(inputs[0]).to.deep.equal(messages);
      const parts = [
        { type: 'text', text: 'Look' },
        { type: 'image', mime_type: 'image/png', size_bytes: 3000 },
      ];
      expect(inputs[1]).to.deep.equal([{ role: 'user', content: parts }]);
      expect(outputs()[1]).to.deep.equal([{ role: 'assistant', content: null, tool_calls: tools('weather-1') }]);
    });

    it('tokens are looked for in the last chunk, and the model that answered is not; here both are found', async () => {
      await drain(await google().models.generateContentStream({ model: 'plain', contents: 'Hi' }));
      expect(recorded.span).to.deep.include({ model: 'gemini-x-001' });
      expect(recorded.span.tokenUsage).to.deep.include({ completion_tokens: 7, reasoning_tokens: 3, total_tokens: 19 });
    });
  });

  describe('10, Mistral and Bedrock:', () => {
    it('streamed tool calls, lists of content and cached tokens of Mistral are dropped; here they are kept', async () => {
      await using provider = await startProvider(mistral);
      const { chat } = wrapMistral(bare.mistral(provider.url));
      for (const model of ['tools', 'thinking']) await drain(await chat.stream({ model, messages }));
      expect(outputs()).to.deep.equal([
        [{ role: 'assistant', content: null, tool_calls: tools('tc1') }],
        [{ role: 'assistant', content: 'Hello' }],
      ]);
      expect(recorded.spans.map(({ tokenUsage }) => tokenUsage?.cache_read_tokens)).to.deep.equal([4, 4]);
    });

    it('a tool call beside text is dropped; here both are kept', async () => {
      const content = [{ text: 'Hi' }];
      await aws().send(new ConverseCommand({ modelId: 'tools', messages: [{ role: 'user', content }] }));
      expect(outputs()).to.deep.equal([[{ role: 'assistant', content: 'Hello', tool_calls: tools('tu1') }]]);
    });

    it('streams of InvokeModel have neither output nor tokens, and Llama no counts; here they have', async () => {
      for (const modelId of ['anthropic.claude-v1', 'meta.llama-v1', 'mistral.mistral-v1']) {
        const command = new InvokeModelWithResponseStreamCommand({ modelId, body: '{"prompt":"Hi"}' });
        await drain((await aws().send(command)).body ?? none);
      }
      await aws().send(new InvokeModelCommand({ modelId: 'meta.llama-v1', body: '{"prompt":"Hi"}' }));
      for (const each of outputs()) expect(each).to.deep.equal([{ role: 'assistant', content: 'Hello' }]);
      const counted = recorded.spans.map(({ tokenUsage }) => tokenUsage?.total_tokens);
      expect(counted).to.deep.equal([24, 7, 7, 7]);
    });

    it('schemas of tools and free fields are copied into the parameters; here names and open fields are', async () => {
      const json = { type: 'object', properties: { city: { type: 'string', description: 'schema-z4711' } } };
      await aws().send(
        new ConverseCommand({
          modelId: 'plain',
          messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
          toolConfig: { tools: [{ toolSpec: { name: 'weather', inputSchema: { json } } }], toolChoice: { auto: {} } },
          additionalModelRequestFields: { top_k: 5, api_key: 'key-z4711', nested: { hf_token: 'token-z4711' } },
        }),
      );
      expect(recorded.span.modelParameters).to.deep.equal({
        tool_choice: { auto: {} },
        additional_model_request_fields: { top_k: 5, nested: {} },
      });
      expect(recorded.span.metadata.tools).to.deep.equal(['weather']);
      expect(recorded.text).not.to.include('z4711');
    });
  });
});
