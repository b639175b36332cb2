import { createServer, type Http2Server } from 'node:http2';
import {
  BedrockRuntimeClient,
  InvokeModelWithBidirectionalStreamCommand,
  type InvokeModelWithBidirectionalStreamInput,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttp2Handler } from '@smithy/node-http-handler';
import { expect } from 'chai';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { drain, type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { bodyChunk } from './support/bedrock-wire.js';
import { noise } from './support/noise.js';

/* Nova Sonic: sound goes both ways at once, over HTTP/2. */

const sound = noise(1500).toString('base64');
const stage = (generationStage: string) => ({ additionalModelFields: JSON.stringify({ generationStage }) });
const spoken = (contentId: string, role: string, content: string, generationStage: string) => [
  { contentStart: { contentId, role, type: 'TEXT', ...stage(generationStage) } },
  { textOutput: { contentId, role, content } },
  { contentEnd: { contentId, stopReason: 'PARTIAL_TURN', type: 'TEXT' } },
];
const counted = (totalInputTokens: number, totalOutputTokens: number) => ({
  usageEvent: {
    ...{ totalInputTokens, totalOutputTokens, totalTokens: totalInputTokens + totalOutputTokens },
    details: {
      delta: { input: { speechTokens: 1, textTokens: 0 }, output: { speechTokens: 0, textTokens: 0 } },
      total: {
        input: { speechTokens: totalInputTokens - 2, textTokens: 2 },
        output: { speechTokens: totalOutputTokens, textTokens: 0 },
      },
    },
  },
});
const events = [
  { completionStart: { sessionId: 's1' } },
  counted(5, 0),
  ...spoken('c1', 'USER', 'how warm is it', 'FINAL'),
  ...spoken('c2', 'ASSISTANT', 'It will be', 'SPECULATIVE'),
  { audioOutput: { contentId: 'c3', content: sound } },
  { audioOutput: { contentId: 'c3', content: sound } },
  ...spoken('c4', 'ASSISTANT', 'It is 21.', 'FINAL'),
  { toolUse: { contentId: 'c5', toolUseId: 't1', toolName: 'weather', content: '{"city":"Bern"}' } },
  counted(9, 4),
  { contentEnd: { contentId: 'c5', stopReason: 'END_TURN', type: 'TOOL' } },
  { completionEnd: { stopReason: 'END_TURN' } },
];

describe('wrapBedrock(): speech in both directions', () => {
  let server: Http2Server;
  let client: BedrockRuntimeClient;
  let recorded: Recorded;
  let given: readonly object[];
  before(async () => {
    server = createServer();
    server.on('stream', (stream) => {
      stream.on('error', () => {}).resume();
      if (given.length === 0) {
        stream.respond({
          ':status': 400,
          'content-type': 'application/json',
          'x-amzn-errortype': 'ValidationException',
        });
        stream.end(JSON.stringify({ message: 'nope' }));
        return;
      }
      stream.respond({ ':status': 200, 'content-type': 'application/vnd.amazon.eventstream' });
      for (const event of given) stream.write(bodyChunk({ event }));
      stream.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    client = wrapBedrock(
      new BedrockRuntimeClient({
        endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
        region: 'eu-west-1',
        credentials: { accessKeyId: 'k', secretAccessKey: 's' },
        requestHandler: new NodeHttp2Handler(),
        maxAttempts: 1,
        logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      }),
    );
  });
  after(async () => {
    client.destroy();
    await new Promise<unknown>((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    recorded = record();
    given = events;
  });
  afterEach(stopRecording);

  async function* said(): AsyncGenerator<InvokeModelWithBidirectionalStreamInput> {
    yield { chunk: { bytes: Buffer.from(JSON.stringify({ event: { sessionStart: {} } })) } };
  }
  const open = () =>
    client.send(new InvokeModelWithBidirectionalStreamCommand({ modelId: 'amazon.nova-sonic-v1:0', body: said() }));

  it('records the speech of both sides, the amount of sound, calls and tokens', async () => {
    const { body } = await open();
    expect(await drain(body ?? expect.fail('expected a stream'))).to.have.length(events.length);
    const call = { id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } };
    const answer = [
      { type: 'text', text: 'It is 21.' },
      { type: 'audio', size_bytes: 3000 },
    ];
    expect(recorded.span).to.deep.include({
      name: 'bedrock-bidirectional-stream',
      kind: 'LLM',
      status: 'OK',
      model: 'amazon.nova-sonic-v1:0',
      output: {
        messages: [
          { role: 'user', content: 'how warm is it' },
          { role: 'assistant', content: answer, tool_calls: [call] },
        ],
      },
      tokenUsage: {
        ...{ prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
        ...{ prompt_audio_tokens: 7, audio_tokens: 4 },
      },
      metadata: { stop_reason: 'END_TURN' },
    });
    expect(recorded.span.completionStartTime).not.to.equal(undefined);
    expect(recorded.text).not.to.include(sound.slice(0, 40));
  });

  it('keeps the output so far if it is left early, and records a failure', async () => {
    const { body } = await open();
    for await (const { chunk } of body ?? []) if (Buffer.from(chunk?.bytes ?? []).includes('how warm')) break;
    given = [];
    await rejection(open());
    const [broken, failed] = recorded.spans;
    expect(broken?.output).to.deep.equal({ messages: [{ role: 'user', content: 'how warm is it' }] });
    expect(broken?.metadata).to.deep.include({ stream_incomplete: true });
    expect(failed).to.deep.include({ status: 'ERROR', error: 'ValidationException: nope' });
  });
});
