import {
  BedrockRuntime,
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect } from 'chai';
import { withTrace } from '../../lib/index.js';
import { unwrap, type WrapOptions, wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { bedrock } from './support/bedrock-wire.js';
import { noise } from './support/noise.js';

const ask = (modelId: string) => ({ modelId, messages: [{ role: 'user' as const, content: [{ text: 'Hi' }] }] });
const said = (content: unknown) => ({ messages: [{ role: 'assistant', content }] });
const call = { id: 'tu1', type: 'function', function: { name: 'weather', arguments: '{"city":"Lisbon"}' } };
const none = (async function* () {})();

describe('wrapBedrock()', () => {
  let provider: Provider;
  let recorded: Recorded;
  before(async () => {
    provider = await startProvider(bedrock);
  });
  after(() => provider[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const settings = () => ({
    endpoint: provider.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIASECRETz4711', secretAccessKey: 'secret-z4711' },
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
  });
  const client = (options?: WrapOptions): BedrockRuntimeClient =>
    wrapBedrock(new BedrockRuntimeClient(settings()), options);
  const converse = async (modelId: string, isStreamed: boolean) => {
    if (!isStreamed) await client().send(new ConverseCommand(ask(modelId)));
    else await drain((await client().send(new ConverseStreamCommand(ask(modelId)))).stream ?? none);
  };

  for (const isStreamed of [false, true]) {
    describe(isStreamed ? 'ConverseStream' : 'Converse', () => {
      it('counts cached tokens inside the prompt', async () => {
        await converse('plain', isStreamed);
        expect(recorded.span).to.deep.include({
          name: 'bedrock-converse',
          kind: 'LLM',
          status: 'OK',
          model: 'plain',
          input: { messages: [{ role: 'user', content: 'Hi' }] },
          output: said('Hello'),
          tokenUsage: {
            prompt_tokens: 10,
            completion_tokens: 2,
            total_tokens: 12,
            cache_read_tokens: 3,
            cache_creation_tokens: 2,
          },
        });
        expect(recorded.span.metadata).to.deep.equal({ stop_reason: 'end_turn', latency_ms: isStreamed ? 9 : 12 });
        expect(recorded.span.completionStartTime !== undefined).to.equal(isStreamed);
        expect(recorded.trace.output).to.deep.equal(said('Hello'));
      });

      it('keeps tool use next to text', async () => {
        await converse('tools', isStreamed);
        expect(recorded.span.output).to.deep.equal({
          messages: [{ role: 'assistant', content: 'Hello', tool_calls: [call] }],
        });
      });

      it('keeps thoughts apart', async () => {
        await converse('thinking', isStreamed);
        expect(recorded.span.output).to.deep.equal(said('Hello'));
        expect(recorded.span.metadata.reasoning_summary).to.equal('Think of Lisbon.');
        expect(recorded.text).not.to.include('c2ln');
      });
    });
  }

  it('turns a conversation into messages, and keeps bytes and secrets out', async () => {
    await client().send(
      new ConverseCommand({
        modelId: 'plain',
        system: [{ text: 'Be brief.' }],
        messages: [
          {
            role: 'user',
            content: [
              { text: 'What is this?' },
              { image: { format: 'png', source: { bytes: noise(4000) } } },
              { document: { format: 'pdf', name: 'a', source: { s3Location: { uri: 's3://bucket/a.pdf' } } } },
            ],
          },
          {
            role: 'assistant',
            content: [{ toolUse: { toolUseId: 'tu1', name: 'weather', input: { city: 'Lisbon' } } }],
          },
          { role: 'user', content: [{ toolResult: { toolUseId: 'tu1', content: [{ json: { degrees: 21 } }] } }] },
        ],
        inferenceConfig: { temperature: 0.1, topP: 0.5, maxTokens: 10, stopSequences: ['x'] },
        toolConfig: {
          tools: [{ toolSpec: { name: 'weather', inputSchema: { json: { deep: 'schema-z4711' } } } }],
          toolChoice: { auto: {} },
        },
        additionalModelRequestFields: { top_k: 5, api_key: 'key-z4711', thinking: { budget_tokens: 100 } },
        requestMetadata: { user: 'user-z4711' },
      }),
    );
    expect(recorded.span.input).to.deep.equal({
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', mime_type: 'image/png', size_bytes: 4000 },
            { type: 'file', mime_type: 'application/pdf', name: 'a', url: 's3://bucket/a.pdf' },
          ],
        },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'tu1', content: '{"degrees":21}' },
      ],
    });
    expect(recorded.span.modelParameters).to.deep.equal({
      temperature: 0.1,
      top_p: 0.5,
      max_tokens: 10,
      stop_sequences: ['x'],
      tool_choice: { auto: {} },
      additional_model_request_fields: { top_k: 5, thinking: { budget_tokens: 100 } },
    });
    expect(recorded.span.metadata.tools).to.deep.equal(['weather']);
    expect(recorded.text).not.to.include('z4711');
  });

  describe('InvokeModel', () => {
    const requests: Readonly<Record<string, object>> = {
      'anthropic.claude-v1': {
        anthropic_version: 'bedrock-2023-05-31',
        max_tokens: 9,
        messages: [{ role: 'user', content: 'Hi' }],
      },
      'amazon.nova-v1:0': { schemaVersion: 'messages-v1', messages: [{ role: 'user', content: [{ text: 'Hi' }] }] },
      'amazon.titan-v1': { inputText: 'Hi', textGenerationConfig: { maxTokenCount: 9 } },
      'meta.llama-v1': { prompt: 'Hi', max_gen_len: 9 },
      'mistral.mistral-v1': { prompt: 'Hi', max_tokens: 9 },
      'cohere.command-v1': { message: 'Hi', p: 0.5 },
      'openai.gpt-oss-v1': { messages: [{ role: 'user', content: 'Hi' }] },
      'deepseek.r1-v1': { prompt: 'Hi', max_tokens: 9 },
    };
    const invoke = (modelId: string) => ({ modelId, body: JSON.stringify(requests[modelId] ?? {}) });

    for (const modelId of Object.keys(requests)) {
      it(`reads the bodies of ${modelId}`, async () => {
        const { body } = await client().send(new InvokeModelCommand(invoke(modelId)));
        expect(JSON.parse(body.transformToString())).to.be.an('object');
        expect(recorded.span).to.deep.include({
          name: 'bedrock-invoke-model',
          kind: 'LLM',
          input: { messages: [{ role: 'user', content: 'Hi' }] },
          output: said('Hello'),
        });
        expect(recorded.span.tokenUsage?.prompt_tokens).to.be.greaterThan(4);
        expect(recorded.span.tokenUsage?.completion_tokens).to.be.greaterThan(1);
      });
    }

    const streamed = [
      'anthropic.claude-v1',
      'meta.llama-v1',
      'mistral.mistral-v1',
      'amazon.titan-v1',
      'amazon.nova-v1',
      'cohere.command-v1',
      'deepseek.r1-v1',
      'ai21.jamba-v1',
      'openai.gpt-oss-v1',
      'writer.palmyra-v1',
    ];
    for (const modelId of streamed) {
      it(`puts the stream of ${modelId} together`, async () => {
        const { body } = await client().send(new InvokeModelWithResponseStreamCommand(invoke(modelId)));
        expect((await drain(body ?? none)).length).to.be.greaterThan(1);
        expect(recorded.span).to.deep.include({ name: 'bedrock-invoke-model-stream', output: said('Hello') });
        expect(recorded.span.tokenUsage?.prompt_tokens).to.be.greaterThan(4);
        expect(recorded.span.tokenUsage?.completion_tokens).to.be.greaterThan(1);
        expect(recorded.span.completionStartTime).not.to.equal(undefined);
        expect(recorded.span.metadata).not.to.have.property('stream_incomplete');
      });
    }

    it('records embeddings by their size', async () => {
      const embed = new InvokeModelCommand({
        modelId: 'amazon.titan-embed-v2',
        body: JSON.stringify({ inputText: 'Hi' }),
      });
      await client().send(embed);
      expect(recorded.span).to.deep.include({
        kind: 'EMBEDDING',
        output: { count: 1, dimensions: 3 },
        tokenUsage: { prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 },
      });
      recorded.memory.clear();
      await client({ traceEmbeddings: false }).send(embed);
      expect(recorded.traces).to.have.length(0);
    });
  });

  it('keeps the output so far of a stream that fails, is cut off or left early', async () => {
    const stream = async (model: string) => (await client().send(new ConverseStreamCommand(ask(model)))).stream ?? none;
    await rejection(drain(await stream('error-inside')));
    await rejection(drain(await stream('cut')));
    for await (const event of await stream('stall')) if (event.contentBlockDelta) break;
    const [failed, cut, broken] = recorded.spans;
    expect(failed).to.deep.include({ status: 'ERROR', error: 'ThrottlingException: slow', output: said('Hello') });
    expect(cut).to.deep.include({ status: 'ERROR', output: said('Hello') });
    expect(broken).to.deep.include({ status: 'OK', output: said('Hel') });
    expect(broken?.metadata.stream_incomplete).to.equal(true);
  });

  it('records an error once, with retries as part of the call', async () => {
    const patient = wrapBedrock(new BedrockRuntimeClient({ ...settings(), maxAttempts: 2 }));
    await patient.send(new ConverseCommand(ask('limited-once')));
    await rejection(client().send(new ConverseCommand(ask('bad'))));
    const [retried, failed] = recorded.spans;
    expect(retried).to.deep.include({ status: 'OK', output: said('Hello') });
    expect(failed).to.deep.include({ status: 'ERROR', error: 'ValidationException: nope' });
    expect(failed?.metadata.error).to.deep.equal({ type: 'ValidationException', status: 400, request_id: 'req_1' });
  });

  it('covers callbacks and the client with one method per command, and leaves other commands alone', async () => {
    const runtime = wrapBedrock(new BedrockRuntime(settings()));
    await runtime.converse(ask('plain'));
    await new Promise<void>((resolve) => {
      runtime.send(new ConverseCommand(ask('plain')), () => resolve());
    });
    await runtime.send(new CountTokensCommand({ modelId: 'plain', input: { converse: {} } })).catch(() => {});
    expect(recorded.spans).to.have.length(2);
  });

  it('keeps the end of a long ARN, nests, wraps once and is undone', async () => {
    const runtime = wrapBedrock(client());
    const arn = `arn:aws:bedrock:eu-west-1:1:${'x'.repeat(300)}/plain`;
    await withTrace('agent', () => runtime.send(new ConverseCommand(ask(arn))));
    expect(recorded.memory.tree()).to.equal('agent\n└─ bedrock-converse LLM');
    expect(recorded.span.model)
      .to.have.length(255)
      .and.match(/plain$/);
    await unwrap(runtime).send(new ConverseCommand(ask('plain')));
    expect(recorded.traces).to.have.length(1);
  });
});
