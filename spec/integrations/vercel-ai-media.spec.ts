import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import type { SpanView } from '../../lib/client/sinks/trace-view.js';
import { withTrace } from '../../lib/index.js';
import { type AISDKInstrumentation, instrumentAISDK } from '../../lib/integrations/vercel-ai.js';
import { type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { until } from '../support/until.js';
import { needFrameworks } from './support/installed.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe('Speech, transcriptions and decisions of the Vercel AI SDK 7', () => {
  let ai: typeof import('ai');
  let createOpenAI: typeof import('@ai-sdk/openai').createOpenAI;
  let recorded: Recorded;
  let instrumentation: AISDKInstrumentation;

  before(async function () {
    needFrameworks(this);
    ai = await import('ai');
    ({ createOpenAI } = await import('@ai-sdk/openai'));
  });
  beforeEach(() => {
    recorded = record();
    instrumentation = instrumentAISDK();
  });
  afterEach(async () => {
    instrumentation.uninstrument();
    await stopRecording();
  });

  /** A provider that gives one answer. */
  const openai = (answer: string | Uint8Array<ArrayBuffer>, type: string) =>
    createOpenAI({
      apiKey: 'k',
      fetch: async () => new Response(answer, { headers: { 'content-type': type } }),
    });
  const facts = ({ name, kind, status, model, input, output }: SpanView) => ({
    name,
    kind,
    status,
    model,
    input,
    output,
  });

  it('are model calls: speech with its text, and the size of the audio', async () => {
    const model = openai(new Uint8Array(3000), 'audio/mpeg').speech('tts-x');
    const { audio } = await ai.generateSpeech({
      model,
      text: 'Hello',
      voice: 'alloy',
      instructions: 'Softly',
      speed: 2,
    });
    expect(audio.uint8Array.byteLength).to.equal(3000);
    const [span] = recorded.spans as [SpanView];
    expect(facts(span)).to.deep.equal({
      name: 'ai.generateSpeech',
      kind: 'LLM',
      status: 'OK',
      model: 'tts-x',
      input: {
        messages: [
          { role: 'system', content: 'Softly' },
          { role: 'user', content: 'Hello' },
        ],
      },
      output: {
        messages: [{ role: 'assistant', content: [{ type: 'audio', mime_type: 'audio/mpeg', size_bytes: 3000 }] }],
      },
    });
    expect(span.modelParameters).to.deep.equal({ voice: 'alloy', speed: 2 });
    expect(span.metadata).to.deep.equal({ provider: 'openai.speech' });
    expect(recorded.trace.output).to.deep.equal(span.output);
  });

  it('are model calls: a transcription with the size of the audio, its text and tokens', async () => {
    const usage = {
      type: 'tokens',
      input_tokens: 14,
      input_token_details: { text_tokens: 4, audio_tokens: 10 },
      output_tokens: 5,
      total_tokens: 19,
    };
    const model = openai(JSON.stringify({ text: 'Hi there', usage }), 'application/json').transcription('hear-x');
    await withTrace('call', () => ai.transcribe({ model, audio: new Uint8Array(5000) }));
    const [span] = recorded.spans as [SpanView];
    expect(facts(span)).to.deep.equal({
      name: 'ai.transcribe',
      kind: 'LLM',
      status: 'OK',
      model: 'hear-x',
      input: {
        messages: [{ role: 'user', content: [{ type: 'audio', mime_type: 'audio/wav', size_bytes: 5000 }] }],
      },
      output: { messages: [{ role: 'assistant', content: 'Hi there' }] },
    });
    expect(span.tokenUsage).to.deep.equal({
      prompt_tokens: 14,
      completion_tokens: 5,
      total_tokens: 19,
      prompt_audio_tokens: 10,
    });
  });

  it('are ERROR if the model fails', async () => {
    const model = openai('no JSON', 'application/json').transcription('hear-x');
    await rejection(ai.transcribe({ model, audio: new Uint8Array(10), maxRetries: 0 }));
    const [span] = recorded.spans as [SpanView];
    expect([span.kind, span.status, recorded.trace.status]).to.deep.equal(['LLM', 'ERROR', 'ERROR']);
  });

  it('are model calls: a streamed transcription, read to its end', async () => {
    const end = { type: 'finish', text: 'Hi there', segments: [], language: 'en', durationInSeconds: 2, usage: {} };
    const model = {
      specificationVersion: 'v4',
      provider: 'p',
      modelId: 'hear-x',
      async doStream({ audio }: { audio: ReadableStream<Uint8Array> }) {
        for await (const _ of audio); // to its end, as a model does
        return { stream: ReadableStream.from([{ type: 'stream-start', warnings: [] }, end]) };
      },
    };
    const result = ai.experimental_streamTranscribe({
      model,
      audio: ReadableStream.from([new Uint8Array(700), new Uint8Array(800)]),
      inputAudioFormat: { type: 'audio/pcm', rate: 16_000 },
    } as never);
    for await (const _ of result.fullStream);
    const [span] = recorded.spans as [SpanView];
    expect(facts(span)).to.deep.equal({
      name: 'ai.streamTranscribe',
      kind: 'LLM',
      status: 'OK',
      model: 'hear-x',
      input: { messages: [{ role: 'user', content: [{ type: 'audio', mime_type: 'audio/pcm' }] }] },
      output: { messages: [{ role: 'assistant', content: 'Hi there' }] },
    });
    expect(span.metadata).to.deep.equal({ provider: 'p', language: 'en', duration_seconds: 2 });
  });

  it('end a streamed transcription that was left early when it is garbage-collected, as aborted', async () => {
    const model = {
      specificationVersion: 'v4',
      provider: 'p',
      modelId: 'hear-x',
      doStream: async () => ({
        stream: new ReadableStream({
          pull: (controller) => controller.enqueue({ type: 'transcript-delta', delta: 'Hi ' }),
        }),
      }),
    };
    await (async () => {
      const audio = ReadableStream.from([new Uint8Array(8)]);
      const inputAudioFormat = { type: 'audio/pcm', rate: 16_000 };
      const { fullStream } = ai.experimental_streamTranscribe({ model, audio, inputAudioFormat } as never);
      await fullStream.getReader().read();
    })();
    await until(() => {
      collectGarbage();
      return recorded.traces.length === 1;
    });
    const [span] = recorded.spans as [SpanView];
    expect([span.name, span.kind, span.status]).to.deep.equal(['ai.streamTranscribe', 'LLM', 'OK']);
    expect(span.metadata.aborted).to.equal(true);
  });

  it('are model calls: decisions with their questions, answers and tokens', async () => {
    const questions = { warm: { type: 'boolean', instructions: 'Is it warm?' } };
    const answers = { warm: { type: 'boolean', probability: 0.75 } };
    const model = {
      specificationVersion: 'v4',
      provider: 'p',
      modelId: 'decide-x',
      supportedQuestionTypes: ['boolean'],
      doDecide: async () => ({ answers, usage: { inputTokens: 9, outputTokens: 1 }, warnings: [] }),
    };
    await ai.experimental_decide({ model, state: '30 degrees', questions } as never);
    const [span] = recorded.spans as [SpanView];
    expect(facts(span)).to.deep.equal({
      name: 'ai.decide',
      kind: 'LLM',
      status: 'OK',
      model: 'decide-x',
      input: { messages: [{ role: 'user', content: '30 degrees' }], questions },
      output: { answers },
    });
    expect(span.tokenUsage).to.deep.equal({ prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 });
  });
});
