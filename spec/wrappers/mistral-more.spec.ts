import { Mistral } from '@mistralai/mistralai';
import { expect } from 'chai';
import { wrapMistral } from '../../lib/wrappers/mistral.js';
import type { Answer } from '../support/provider.js';
import { drain, rejection } from '../support/recorded.js';
import { noise } from './support/noise.js';
import { json, useScene } from './support/scene.js';

/* The calls of a client of Mistral that are no conversation. */

const base64 = noise(3000).toString('base64');
const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, prompt_audio_seconds: 7 };
const tokens = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const said = (role: string, content: unknown) => ({ messages: [{ role, content }] });

describe('wrapMistral(): classifiers, OCR, audio, batches', () => {
  const scene = useScene();
  let client: Mistral;
  before(() => {
    client = wrapMistral(
      new Mistral({ apiKey: 'secret-z4711', serverURL: scene.url, retryConfig: { strategy: 'none' } }),
    );
  });

  const sse = (...events: readonly { type: string }[]): Answer => ({ kind: 'sse', events, named: true });

  it('records moderations: what was flagged, and as what', async () => {
    const categories = { violence: true, health: false };
    scene.answer = json({ id: 'm1', model: 'moderation-x-2026', results: [{ categories, category_scores: {} }] });
    await client.classifiers.moderate({ model: 'moderation-x', inputs: ['a'] });
    await client.classifiers.moderateChat({ model: 'moderation-x', inputs: [{ role: 'user', content: 'a' }] });
    const output = { results: [{ flagged: true, categories: ['violence'] }] };
    const facts = {
      name: 'mistral-moderation',
      kind: 'LLM',
      model: 'moderation-x-2026',
      output,
      tokenUsage: undefined,
    };
    for (const span of scene.recorded.spans) expect(span).to.deep.include(facts);
    expect(scene.recorded.spans.map(({ input }) => input)).to.deep.equal([{ input: ['a'] }, said('user', 'a')]);
  });

  it('records classifications: the scores of each label', async () => {
    const results = [{ mood: { scores: { good: 0.9, bad: 0.1 } } }];
    scene.answer = json({ id: 'c1', model: 'mine-2026', results });
    await client.classifiers.classify({ model: 'mine', inputs: 'a' });
    await client.classifiers.classifyChat({ model: 'mine', input: { messages: [{ role: 'user', content: 'a' }] } });
    for (const span of scene.recorded.spans)
      expect(span).to.deep.include({ name: 'mistral-classification', output: { results } });
    expect(scene.recorded.spans.map(({ input }) => input)).to.deep.equal([{ input: 'a' }, said('user', 'a')]);
  });

  it("records the text of a document's pages, without its bytes and pictures", async () => {
    const image = {
      id: 'i1',
      top_left_x: 0,
      top_left_y: 0,
      bottom_right_x: 1,
      bottom_right_y: 1,
      image_base64: base64,
    };
    const pages = ['one', 'two'].map((markdown, index) => ({ index, markdown, images: [image], dimensions: null }));
    scene.answer = json({ pages, model: 'ocr-x-2026', usage_info: { pages_processed: 2, doc_size_bytes: 3000 } });
    const document = { type: 'document_url' as const, documentUrl: `data:application/pdf;base64,${base64}` };
    await client.ocr.process({ model: 'ocr-x', document, pages: [0, 1], includeImageBase64: true });
    expect(scene.recorded.span).to.deep.include({
      name: 'mistral-ocr',
      kind: 'LLM',
      model: 'ocr-x-2026',
      input: said('user', [{ type: 'file', mime_type: 'application/pdf', size_bytes: 3000 }]),
      output: said('assistant', 'one\n\ntwo'),
      modelParameters: { pages: [0, 1], include_image_base64: true },
      metadata: { pages_processed: 2, document_bytes: 3000 },
      tokenUsage: undefined,
    });
    expect(scene.recorded.text).not.to.include(base64.slice(0, 40));
  });

  it('keeps the annotation of a document beside its pages', async () => {
    const page = { index: 0, markdown: 'one', images: [], dimensions: null };
    const usage_info = { pages_processed: 1 };
    scene.answer = json({ pages: [page], model: 'ocr-x', document_annotation: '{"total":42}', usage_info });
    await client.ocr.process({ model: 'ocr-x', document: { type: 'image_url', imageUrl: 'https://bills.test/1.png' } });
    expect(scene.recorded.span.output).to.deep.equal(
      said('assistant', [
        { type: 'text', text: 'one' },
        { type: 'annotation', annotation: '{"total":42}' },
      ]),
    );
  });

  it('records transcriptions, whole and streamed alike', async () => {
    const done = { model: 'voxtral-x-2026', text: 'hello', segments: [], usage, language: 'en' };
    scene.answer = json(done);
    const content = new Blob([noise(3000)], { type: 'audio/mpeg' });
    const file = { fileName: 'call.mp3', content };
    await client.audio.transcriptions.complete({ model: 'voxtral-x', file, language: 'en' });
    scene.answer = sse(
      { type: 'transcription.text.delta', text: 'hel' } as { type: string },
      { type: 'transcription.text.delta', text: 'lo' } as { type: string },
      { type: 'transcription.done', ...done },
    );
    await drain(await client.audio.transcriptions.stream({ model: 'voxtral-x', file, language: 'en' }));
    for (const span of scene.recorded.spans) {
      expect(span).to.deep.include({
        name: 'mistral-transcription',
        kind: 'LLM',
        status: 'OK',
        model: 'voxtral-x-2026',
        input: said('user', [{ type: 'audio', mime_type: 'audio/mpeg', name: 'call.mp3', size_bytes: 3000 }]),
        output: said('assistant', 'hello'),
        modelParameters: { language: 'en' },
        tokenUsage: tokens,
        metadata: { language: 'en', duration_seconds: 7 },
      });
    }
    expect(scene.recorded.spans.map(({ completionStartTime }) => completionStartTime !== undefined)).to.deep.equal([
      false,
      true,
    ]);
    expect(scene.recorded.spans).to.have.length(2);
  });

  it('records a sound by its address', async () => {
    scene.answer = json({ model: 'voxtral-x', text: 'hello', usage: {}, language: null });
    await client.audio.transcriptions.complete({ model: 'voxtral-x', fileUrl: 'https://calls.test/1.mp3' });
    expect(scene.recorded.span.input).to.deep.equal(said('user', [{ type: 'audio', url: 'https://calls.test/1.mp3' }]));
    expect(scene.recorded.span.tokenUsage).to.equal(undefined);
  });

  it('records speech by its size, whole and streamed alike', async () => {
    scene.answer = json({ audio_data: base64 });
    await client.audio.speech.complete({ model: 'voxtral-tts', input: 'hello', voiceId: 'v1' });
    const half = noise(1500).toString('base64');
    scene.answer = sse(
      { type: 'speech.audio.delta', audio_data: half } as { type: string },
      { type: 'speech.audio.delta', audio_data: half } as { type: string },
      { type: 'speech.audio.done', usage } as { type: string },
    );
    await drain(
      await client.audio.speech.complete({ model: 'voxtral-tts', input: 'hello', voiceId: 'v1', stream: true }),
    );
    for (const span of scene.recorded.spans) {
      expect(span).to.deep.include({
        name: 'mistral-speech',
        status: 'OK',
        input: said('user', 'hello'),
        output: said('assistant', [{ type: 'audio', size_bytes: 3000 }]),
        modelParameters: { voice: 'v1' },
      });
    }
    expect(scene.recorded.spans.map(({ tokenUsage }) => tokenUsage)).to.deep.equal([undefined, tokens]);
  });

  it('records the making of batches', async () => {
    const counts = { total_requests: 2, completed_requests: 0, succeeded_requests: 0, failed_requests: 0 };
    const job = {
      id: 'b1',
      input_files: [],
      endpoint: '/v1/chat/completions',
      errors: [],
      status: 'QUEUED',
      created_at: 1,
    };
    scene.answer = json({ ...job, ...counts, model: 'mistral-x' });
    const requests = ['private', 'private'].map((content) => ({ body: { messages: [{ role: 'user', content }] } }));
    await client.batch.jobs.create({ model: 'mistral-x', endpoint: '/v1/chat/completions', requests });
    expect(scene.recorded.span).to.deep.include({
      name: 'mistral-batch',
      kind: 'OTHER',
      model: 'mistral-x',
      input: { requests: 2, endpoint: '/v1/chat/completions' },
      output: { id: 'b1', status: 'QUEUED', total_requests: 2 },
    });
    expect(scene.recorded.text).not.to.include('private');
  });

  it('records failures of each', async () => {
    scene.answer = { kind: 'json', status: 400, body: { object: 'error', message: 'nope', type: 'invalid_request' } };
    await rejection(client.classifiers.moderate({ model: 'm', inputs: 'a' }));
    await rejection(
      client.ocr.process({ model: 'm', document: { type: 'image_url', imageUrl: 'https://bills.test' } }),
    );
    await rejection(client.audio.transcriptions.stream({ model: 'm', fileUrl: 'https://calls.test/1.mp3' }));
    await rejection(client.batch.jobs.create({ endpoint: '/v1/ocr', inputFiles: ['f1'] }));
    expect(scene.recorded.spans.map(({ status }) => status)).to.deep.equal(['ERROR', 'ERROR', 'ERROR', 'ERROR']);
    for (const { error } of scene.recorded.spans) expect(error).to.include('nope');
  });
});
