import { expect } from 'chai';
import OpenAI, { toFile } from 'openai';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { drain } from '../support/recorded.js';
import { json, useScene } from './support/scene.js';

const picture = 'A'.repeat(4000);
const usage = { input_tokens: 9, output_tokens: 30, total_tokens: 39, input_tokens_details: { text_tokens: 9 } };
const tokens = { prompt_tokens: 9, completion_tokens: 30, total_tokens: 39 };

describe('wrapOpenAI(): audio', () => {
  const scene = useScene();
  const client = () => wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: scene.url, maxRetries: 0, logLevel: 'off' }));

  const sound = () => toFile(Buffer.from(picture), 'call.mp3', { type: 'audio/mpeg' });
  const heard = [{ type: 'audio', mime_type: 'audio/mpeg', name: 'call.mp3', size_bytes: 4000 }];

  it('records a transcription', async () => {
    scene.answer = json({ text: 'hello', usage: { type: 'tokens', ...usage } });
    await client().audio.transcriptions.create({ model: 'whisper', file: await sound(), language: 'en' });
    expect(scene.recorded.span).to.deep.include({
      name: 'openai-transcription',
      input: { messages: [{ role: 'user', content: heard }] },
      output: { messages: [{ role: 'assistant', content: 'hello' }] },
      modelParameters: { language: 'en' },
      tokenUsage: tokens,
    });
  });

  it('records a transcription that comes as a text, and one that is streamed', async () => {
    scene.answer = { kind: 'text', text: 'hello', type: 'text/plain' };
    await client().audio.transcriptions.create({ model: 'whisper', file: await sound(), response_format: 'text' });
    scene.answer = {
      kind: 'sse',
      events: [
        { type: 'transcript.text.delta', delta: 'hel' },
        { type: 'transcript.text.delta', delta: 'lo' },
        { type: 'transcript.text.done', text: 'hello', usage },
      ],
    };
    await drain(await client().audio.transcriptions.create({ model: 'w', file: await sound(), stream: true }));
    for (const span of scene.recorded.spans) {
      expect(span.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'hello' }] });
    }
    expect(scene.recorded.spans[1]?.tokenUsage).to.deep.equal(tokens);
  });

  it('records the languages that were heard, whole and streamed', async () => {
    const languages = [{ code: 'pt' }, { code: 'en' }];
    const ask = { model: 'gpt-transcribe', file: await sound(), languages: ['pt', 'en'] };
    scene.answer = json({ text: 'hello', languages, usage: { type: 'tokens', ...usage } });
    await client().audio.transcriptions.create(ask);
    const done = { type: 'transcript.text.done', text: 'hello', languages, usage: { type: 'tokens', ...usage } };
    scene.answer = { kind: 'sse', events: [{ type: 'transcript.text.delta', delta: 'hello' }, done] };
    await drain(await client().audio.transcriptions.create({ ...ask, stream: true }));
    const facts = scene.recorded.spans.map(({ output, tokenUsage, metadata, modelParameters }) => {
      return { output, tokenUsage, metadata, modelParameters };
    });
    expect(facts[0]).to.deep.include({
      metadata: { languages: ['pt', 'en'] },
      modelParameters: { languages: ['pt', 'en'] },
    });
    expect(facts[1]).to.deep.equal(facts[0]);
  });

  it('records a translation, and how long the sound was', async () => {
    scene.answer = json({ text: 'hello', duration: 2.5, language: 'english', segments: [] });
    await client().audio.translations.create({
      model: 'whisper',
      file: await sound(),
      response_format: 'verbose_json',
    });
    expect(scene.recorded.span.name).to.equal('openai-translation');
    expect(scene.recorded.span.metadata).to.deep.equal({ language: 'english', duration_seconds: 2.5 });
  });

  it('records speech and leaves its bytes to the caller', async () => {
    scene.answer = { kind: 'bytes', type: 'audio/mpeg', chunks: [new Uint8Array([1, 2]), new Uint8Array([3])] };
    const reply = await client().audio.speech.create({
      model: 'tts',
      voice: 'coral',
      input: 'hello',
      instructions: 'softly',
    });
    expect(new Uint8Array(await reply.arrayBuffer())).to.deep.equal(new Uint8Array([1, 2, 3]));
    expect(scene.recorded.span).to.deep.include({
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

  it('records the size of speech, also with the headers of another fetch than the global one', async () => {
    const audio = { type: 'audio', mime_type: 'audio/mpeg', size_bytes: 3 };
    for (const hasOwnHeaders of [false, true]) {
      const answered = () => {
        const headers = { 'content-type': 'audio/mpeg', 'content-length': '3' };
        const response = new Response(new Uint8Array(3), { headers });
        if (hasOwnHeaders) Object.defineProperty(response, 'headers', { value: new Map(Object.entries(headers)) });
        return Promise.resolve(response);
      };
      const openai = wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: scene.url, fetch: answered, logLevel: 'off' }));
      await openai.audio.speech.create({ model: 'tts', voice: 'coral', input: 'hello' });
    }
    for (const span of scene.recorded.spans) {
      expect(span.output).to.deep.equal({ messages: [{ role: 'assistant', content: [audio] }] });
    }
    expect(scene.recorded.spans).to.have.length(2);
  });
});
