import {
  ApplyGuardrailCommand,
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeGuardrailChecksCommand,
  StartAsyncInvokeCommand,
} from '@aws-sdk/client-bedrock-runtime';

import { NodeHttpHandler } from '@smithy/node-http-handler';
import { expect } from 'chai';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { drain, rejection } from '../support/recorded.js';
import { event } from './support/bedrock-wire.js';
import { noise } from './support/noise.js';

const base64 = noise(3000).toString('base64');
const usage = { inputTokens: 5, outputTokens: 2, totalTokens: 7 };

import { json, useScene } from './support/scene.js';

describe('wrapBedrock(): jobs, guardrails, and more than text', () => {
  const scene = useScene();
  let client: BedrockRuntimeClient;
  before(() => {
    client = wrapBedrock(
      new BedrockRuntimeClient({
        endpoint: scene.url,
        region: 'eu-west-1',
        credentials: { accessKeyId: 'k', secretAccessKey: 's' },
        requestHandler: new NodeHttpHandler(),
        maxAttempts: 1,
      }),
    );
  });

  it('records the start of a video job, and where its video will be', async () => {
    scene.answer = json({ invocationArn: 'arn:aws:bedrock:eu-west-1:1:async-invoke/1' });
    const source = { bytes: base64 };
    await client.send(
      new StartAsyncInvokeCommand({
        modelId: 'amazon.nova-reel-v1:1',
        modelInput: {
          taskType: 'TEXT_VIDEO',
          textToVideoParams: { text: 'a panda', images: [{ format: 'png', source }] },
          videoGenerationConfig: { durationSeconds: 6, fps: 24, seed: 0 },
        },
        outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://films' } },
      }),
    );
    const shown = { type: 'image', mime_type: 'image/png', size_bytes: 3000 };
    expect(scene.recorded.span).to.deep.include({
      name: 'bedrock-async-invoke',
      kind: 'LLM',
      model: 'amazon.nova-reel-v1:1',
      input: { messages: [{ role: 'user', content: [{ type: 'text', text: 'a panda' }, shown] }] },
      output: { invocation_arn: 'arn:aws:bedrock:eu-west-1:1:async-invoke/1' },
      modelParameters: { task_type: 'TEXT_VIDEO', duration_seconds: 6, fps: 24, seed: 0 },
      tokenUsage: undefined,
      metadata: { output_uri: 's3://films' },
    });
    expect(scene.recorded.text).not.to.include(base64.slice(0, 40));
  });

  it('records what a guardrail checked and did', async () => {
    scene.answer = json({
      action: 'GUARDRAIL_INTERVENED',
      actionReason: 'a topic',
      outputs: [{ text: 'I cannot say.' }],
      assessments: [{ topicPolicy: { topics: [{ name: 'money', type: 'DENY', action: 'BLOCKED' }] } }],
      usage: { topicPolicyUnits: 1, contentPolicyUnits: 0 },
    });
    await client.send(
      new ApplyGuardrailCommand({
        guardrailIdentifier: 'g1',
        guardrailVersion: '2',
        source: 'OUTPUT',
        content: [{ text: { text: 'Buy gold.' } }, { image: { format: 'png', source: { bytes: noise(3000) } } }],
      }),
    );
    const { span } = scene.recorded;
    const seen = [
      { type: 'text', text: 'Buy gold.' },
      { type: 'image', mime_type: 'image/png', size_bytes: 3000 },
    ];
    expect(span).to.deep.include({
      name: 'bedrock-guardrail',
      kind: 'OTHER',
      input: { messages: [{ role: 'assistant', content: seen }] },
      modelParameters: { guardrail_identifier: 'g1', guardrail_version: '2' },
      tokenUsage: undefined,
      metadata: {
        action: 'GUARDRAIL_INTERVENED',
        action_reason: 'a topic',
        guardrail_usage: { topicPolicyUnits: 1, contentPolicyUnits: 0 },
      },
    });
    expect(span.output).to.deep.include({ action: 'GUARDRAIL_INTERVENED', outputs: ['I cannot say.'] });
    expect(JSON.stringify(span.output)).to.include('money');
  });

  it('records checks of a guardrail, and failures of each', async () => {
    scene.answer = json({ results: { promptAttack: { results: [] } }, usage: {} });
    const messages = [{ role: 'user' as const, content: [{ text: 'Hi' }] }];
    await client.send(new InvokeGuardrailChecksCommand({ messages, checks: {} }));
    expect(scene.recorded.span).to.deep.include({
      name: 'bedrock-guardrail',
      input: { messages: [{ role: 'user', content: 'Hi' }], checks: [] },
    });
    scene.answer = {
      kind: 'json',
      status: 400,
      body: { message: 'nope' },
      headers: { 'x-amzn-errortype': 'ValidationException' },
    };
    const guarded = { guardrailIdentifier: 'g', guardrailVersion: '1', source: 'INPUT' as const, content: [] };
    await rejection(client.send(new ApplyGuardrailCommand(guarded)));
    const outputDataConfig = { s3OutputDataConfig: { s3Uri: 's3://films' } };
    await rejection(client.send(new StartAsyncInvokeCommand({ modelId: 'm', modelInput: {}, outputDataConfig })));
    expect(scene.recorded.spans.slice(1).map(({ error }) => error)).to.deep.equal([
      'ValidationException: nope',
      'ValidationException: nope',
    ]);
  });

  describe('Converse, whole and streamed alike', () => {
    const ask = { modelId: 'm', messages: [{ role: 'user' as const, content: [{ text: 'Hi' }] }] };
    const citation = { title: 'a', location: { documentPage: { documentIndex: 0, start: 1, end: 2 } } };
    const stop = [
      event('messageStop', { stopReason: 'end_turn' }),
      event('metadata', { usage, metrics: { latencyMs: 9 } }),
    ];
    const askWhole = async (content: readonly object[]) => {
      scene.answer = json({ output: { message: { role: 'assistant', content } }, stopReason: 'end_turn', usage });
      await client.send(new ConverseCommand(ask));
    };
    const askStreamed = async (...events: readonly Uint8Array[]) => {
      scene.answer = { kind: 'bytes', type: 'application/vnd.amazon.eventstream', chunks: [...events, ...stop] };
      const { stream } = await client.send(new ConverseStreamCommand(ask));
      await drain(stream ?? expect.fail('expected a stream'));
    };
    const start = (contentBlockIndex: number, given: object) =>
      event('contentBlockStart', { contentBlockIndex, start: given });
    const delta = (contentBlockIndex: number, given: object) =>
      event('contentBlockDelta', { contentBlockIndex, delta: given });
    const outputs = () => scene.recorded.spans.flatMap(({ kind, output }) => (kind === 'LLM' ? [output] : []));

    it('keeps citations with their text', async () => {
      await askWhole([{ citationsContent: { content: [{ text: 'It is 42' }], citations: [citation] } }]);
      await askStreamed(delta(0, { text: 'It is ' }), delta(0, { citation }), delta(0, { text: '42' }));
      const kept = { type: 'text', text: 'It is 42', citations: [citation] };
      const said = { messages: [{ role: 'assistant', content: [kept] }] };
      expect(outputs()).to.deep.equal([said, said]);
    });

    it('names the model that a prompt router has chosen', async () => {
      const trace = {
        promptRouter: { invokedModelId: 'arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0' },
      };
      const output = { message: { role: 'assistant', content: [{ text: 'Hi' }] } };
      scene.answer = json({ output, stopReason: 'end_turn', usage, trace });
      await client.send(new ConverseCommand(ask));
      const chunks = [event('messageStop', { stopReason: 'end_turn' }), event('metadata', { usage, trace })];
      scene.answer = { kind: 'bytes', type: 'application/vnd.amazon.eventstream', chunks };
      const { stream } = await client.send(new ConverseStreamCommand(ask));
      await drain(stream ?? expect.fail('expected a stream'));
      const { invokedModelId } = trace.promptRouter;
      expect(scene.recorded.spans.map(({ model }) => model)).to.deep.equal([invokedModelId, invokedModelId]);
    });

    it('tells pictures by their size', async () => {
      await askWhole([{ image: { format: 'png', source: { bytes: base64 } } }]);
      const bytes = noise(1500).toString('base64');
      const image = { source: { bytes } };
      await askStreamed(start(0, { image: { format: 'png' } }), delta(0, { image }), delta(0, { image }));
      const said = {
        messages: [{ role: 'assistant', content: [{ type: 'image', mime_type: 'image/png', size_bytes: 3000 }] }],
      };
      expect(outputs()).to.deep.equal([said, said]);
      expect(scene.recorded.text).not.to.include(base64.slice(0, 40));
    });

    it('makes a span of each tool that the provider ran', async () => {
      const use = { toolUseId: 't1', name: 'nova_grounding', type: 'server_tool_use' as const };
      const result = { toolUseId: 't1', status: 'success', type: 'nova_grounding_result' };
      await askWhole([
        { toolUse: { ...use, input: { query: '42' } } },
        { toolResult: { ...result, content: [{ json: { hits: 3 } }] } },
        { text: 'It is 42' },
      ]);
      await askStreamed(
        start(0, { toolUse: use }),
        delta(0, { toolUse: { input: '{"query":"42"}' } }),
        start(1, { toolResult: result }),
        delta(1, { toolResult: [{ json: { hits: 3 } }] }),
        delta(2, { text: 'It is 42' }),
      );
      const tools = scene.recorded.spans.filter(({ kind }) => kind === 'TOOL');
      expect(tools.map(({ name, input, output }) => [name, input, output])).to.deep.equal([
        ['nova_grounding', { query: '42' }, [{ json: { hits: 3 } }]],
        ['nova_grounding', { query: '42' }, [{ json: { hits: 3 } }]],
      ]);
      const [whole, streamed] = outputs();
      expect(JSON.stringify(whole)).to.include('It is 42');
      expect(streamed).to.deep.equal(whole);
    });
  });
});
