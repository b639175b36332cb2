import { expect } from 'chai';
import OpenAI, { toFile } from 'openai';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Answer, type Provider, startProvider } from './support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from './support/recorded.js';

/* The calls of a client that are no conversation. */

const picture = 'A'.repeat(4000);
const usage = { input_tokens: 9, output_tokens: 30, total_tokens: 39, input_tokens_details: { text_tokens: 9 } };
const tokens = { prompt_tokens: 9, completion_tokens: 30, total_tokens: 39 };

describe('wrapOpenAI(): images, audio, moderations, videos, batches', () => {
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
  const json = (body: unknown): Answer => ({ kind: 'json', body });

  it('records a picture by its size, with its prompt and tokens', async () => {
    answer = json({
      created: 1,
      data: [{ b64_json: picture, revised_prompt: 'a red panda' }],
      output_format: 'webp',
      usage,
    });
    const made = await client().images.generate({ model: 'gpt-image', prompt: 'a panda', size: '1024x1024' });
    expect(made.data?.[0]?.b64_json).to.equal(picture);
    const { span } = recorded;
    expect(span).to.deep.include({
      name: 'openai-image',
      kind: 'LLM',
      model: 'gpt-image',
      input: { messages: [{ role: 'user', content: 'a panda' }] },
      modelParameters: { size: '1024x1024' },
      tokenUsage: tokens,
    });
    const part = { type: 'image', mime_type: 'image/webp', size_bytes: 3000, revised_prompt: 'a red panda' };
    expect(span.output).to.deep.equal({ messages: [{ role: 'assistant', content: [part] }] });
    expect(recorded.text).not.to.include('AAAA');
  });

  it('records an edited picture, and what is sent by name and size', async () => {
    answer = json({ created: 1, data: [{ url: 'https://images.test/1.png' }] });
    const image = await toFile(Buffer.from(picture), 'panda.png', { type: 'image/png' });
    await client().images.edit({ model: 'gpt-image', image, prompt: 'more red' });
    const sent = { type: 'image', mime_type: 'image/png', name: 'panda.png', size_bytes: 4000 };
    const { input, output } = recorded.span;
    expect(input).to.deep.equal({ messages: [{ role: 'user', content: [{ type: 'text', text: 'more red' }, sent] }] });
    expect(JSON.stringify(output)).to.include('https://images.test/1.png');
    expect(recorded.text).not.to.include('AAAA');
  });

  it('records the stream of a picture', async () => {
    const event = (type: string, rest: object = {}) => ({
      type: `image_generation.${type}`,
      b64_json: picture,
      ...rest,
    });
    answer = {
      kind: 'sse',
      named: true,
      events: [event('partial_image', { partial_image_index: 0 }), event('completed', { output_format: 'png', usage })],
    };
    await drain(await client().images.generate({ model: 'gpt-image', prompt: 'a panda', stream: true }));
    expect(recorded.span).to.deep.include({ status: 'OK', tokenUsage: tokens });
    expect(recorded.span.metadata).to.deep.equal({});
    expect(JSON.stringify(recorded.span.output)).to.include('"size_bytes":3000');
    expect(recorded.span.completionStartTime).not.to.equal(undefined);
  });

  const sound = () => toFile(Buffer.from(picture), 'call.mp3', { type: 'audio/mpeg' });
  const heard = [{ type: 'audio', mime_type: 'audio/mpeg', name: 'call.mp3', size_bytes: 4000 }];

  it('records a transcription', async () => {
    answer = json({ text: 'hello', usage: { type: 'tokens', ...usage } });
    await client().audio.transcriptions.create({ model: 'whisper', file: await sound(), language: 'en' });
    expect(recorded.span).to.deep.include({
      name: 'openai-transcription',
      input: { messages: [{ role: 'user', content: heard }] },
      output: { messages: [{ role: 'assistant', content: 'hello' }] },
      modelParameters: { language: 'en' },
      tokenUsage: tokens,
    });
  });

  it('records a transcription that comes as a text, and one that is streamed', async () => {
    answer = { kind: 'text', text: 'hello', type: 'text/plain' };
    await client().audio.transcriptions.create({ model: 'whisper', file: await sound(), response_format: 'text' });
    answer = {
      kind: 'sse',
      events: [
        { type: 'transcript.text.delta', delta: 'hel' },
        { type: 'transcript.text.delta', delta: 'lo' },
        { type: 'transcript.text.done', text: 'hello', usage },
      ],
    };
    await drain(await client().audio.transcriptions.create({ model: 'w', file: await sound(), stream: true }));
    for (const span of recorded.spans) {
      expect(span.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'hello' }] });
    }
    expect(recorded.spans[1]?.tokenUsage).to.deep.equal(tokens);
  });

  it('records a translation, and how long the sound was', async () => {
    answer = json({ text: 'hello', duration: 2.5, language: 'english', segments: [] });
    await client().audio.translations.create({
      model: 'whisper',
      file: await sound(),
      response_format: 'verbose_json',
    });
    expect(recorded.span.name).to.equal('openai-translation');
    expect(recorded.span.metadata).to.deep.equal({ language: 'english', duration_seconds: 2.5 });
  });

  it('records speech and leaves its bytes to the caller', async () => {
    answer = { kind: 'bytes', type: 'audio/mpeg', chunks: [new Uint8Array([1, 2]), new Uint8Array([3])] };
    const reply = await client().audio.speech.create({
      model: 'tts',
      voice: 'coral',
      input: 'hello',
      instructions: 'softly',
    });
    expect(new Uint8Array(await reply.arrayBuffer())).to.deep.equal(new Uint8Array([1, 2, 3]));
    expect(recorded.span).to.deep.include({
      name: 'openai-speech',
      input: {
        messages: [
          { role: 'system', content: 'softly' },
          { role: 'user', content: 'hello' },
        ],
      },
      output: { messages: [{ role: 'assistant', content: [{ type: 'audio', mime_type: 'audio/mpeg' }] }] },
      modelParameters: { voice: 'coral' },
    });
  });

  it('records what a moderation flags', async () => {
    const categories = { violence: true, hate: false };
    answer = json({
      id: 'm1',
      model: 'omni',
      results: [{ flagged: true, categories, category_scores: { violence: 0.9 } }],
    });
    await client().moderations.create({ input: ['a', 'b'] });
    expect(recorded.span).to.deep.include({
      name: 'openai-moderation',
      input: { input: ['a', 'b'] },
      output: { results: [{ flagged: true, categories: ['violence'] }] },
    });
  });

  it('records the making of videos and batches', async () => {
    answer = json({ id: 'v1', status: 'queued', model: 'sora', seconds: '4' });
    await client().videos.create({ model: 'sora-2', prompt: 'a panda walks' });
    await client().videos.remix('v1', { prompt: 'it runs' });
    answer = json({ id: 'b1', status: 'validating', endpoint: '/v1/responses' });
    await client().batches.create({ completion_window: '24h', endpoint: '/v1/responses', input_file_id: 'f1' });
    expect(recorded.spans.map(({ name, kind }) => [name, kind])).to.deep.equal([
      ['openai-video', 'LLM'],
      ['openai-video', 'LLM'],
      ['openai-batch', 'OTHER'],
    ]);
    expect(recorded.spans[1]?.input).to.deep.equal({ messages: [{ role: 'user', content: 'it runs' }] });
    expect(recorded.spans[2]?.output).to.deep.include({ id: 'b1', status: 'validating' });
  });

  it('records failures of each', async () => {
    answer = { kind: 'json', status: 400, body: { error: { message: 'no pandas', code: 'moderation_blocked' } } };
    await rejection(client().images.generate({ prompt: 'a panda' }));
    await rejection(client().audio.speech.create({ model: 'tts', voice: 'coral', input: 'x' }));
    expect(recorded.spans.map(({ status }) => status)).to.deep.equal(['ERROR', 'ERROR']);
    expect(recorded.spans[0]?.error).to.include('no pandas');
  });
});
