import type { Mistral } from '@mistralai/mistralai';
import { expect } from 'chai';
import { wrapMistral } from '../../lib/wrappers/mistral.js';
import type { Answer } from '../support/provider.js';
import { drain } from '../support/recorded.js';
import { bare } from './support/clients.js';
import { noise } from './support/noise.js';
import { json, useScene } from './support/scene.js';

/* Facts that few calls of Mistral have. */

const said = (role: string, content: unknown) => ({ messages: [{ role, content }] });
const counted = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };

describe('wrapMistral(): rare facts', () => {
  const scene = useScene();
  let client: Mistral;
  before(() => {
    client = wrapMistral(bare.mistral(scene.url));
  });
  const sse = (...events: readonly { type: string }[]): Answer => ({ kind: 'sse', events, named: true });

  const usages: readonly (readonly [usage: object, recorded: object | undefined])[] = [
    [{}, undefined],
    [{ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, undefined],
    [counted, counted],
    [
      { prompt_tokens: 0, completion_tokens: 3, total_tokens: 3 },
      { prompt_tokens: 0, completion_tokens: 3, total_tokens: 3 },
    ],
    [
      { ...counted, prompt_tokens_details: { cached_tokens: 4 } },
      { ...counted, cache_read_tokens: 4 },
    ],
    [
      { ...counted, num_cached_tokens: 4 },
      { ...counted, cache_read_tokens: 4 },
    ],
    [
      { ...counted, completion_tokens_details: { reasoning_tokens: 2 } },
      { ...counted, reasoning_tokens: 2 },
    ],
  ];
  for (const [usage, recorded] of usages)
    it(`counts ${JSON.stringify(usage)}`, async () => {
      const message = { role: 'assistant', content: 'Hi' };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      scene.answer = json({ id: 'c1', object: 'chat.completion', created: 1, model: 'm-1', choices, usage });
      await client.chat.complete({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
      expect(scene.recorded.span.tokenUsage).to.deep.equal(recorded);
    });

  it('keep the output so far of a transcription that is left early', async () => {
    const delta = (text: string) => ({ type: 'transcription.text.delta', text });
    scene.answer = sse(
      delta('It '),
      { type: 'transcription.language', audio_language: 'en' } as { type: string },
      delta('is'),
    );
    await drain(await client.audio.transcriptions.stream({ model: 'm', fileId: 'f-1' })).catch(() => {});
    expect(scene.recorded.span).to.deep.include({
      model: 'm',
      input: said('user', [{ type: 'audio', id: 'f-1' }]),
      output: said('assistant', 'It is'),
    });
    expect(scene.recorded.span.metadata).to.deep.include({ stream_incomplete: true });
  });

  it('include sound given as a file of the platform, or as bytes with a name', async () => {
    scene.answer = json({ model: 'm-1', text: 'hello', usage: {}, language: null });
    await client.audio.transcriptions.complete({
      model: 'm',
      file: new File([noise(2000)], 'call.mp3', { type: 'audio/mpeg' }),
    });
    await client.audio.transcriptions.complete({ model: 'm', file: { fileName: 'a.wav', content: noise(3000) } });
    expect(scene.recorded.spans.map(({ input }) => input)).to.deep.equal([
      said('user', [{ type: 'audio', mime_type: 'audio/mpeg', name: 'call.mp3', size_bytes: 2000 }]),
      said('user', [{ type: 'audio', name: 'a.wav', size_bytes: 3000 }]),
    ]);
  });

  it('keep the output so far of speech that is left early', async () => {
    const audio_data = noise(1500).toString('base64');
    scene.answer = sse({ type: 'speech.audio.delta', audio_data } as { type: string });
    const request = {
      model: 'm',
      input: 'hello',
      voiceId: 'v1',
      responseFormat: 'wav' as const,
      stream: true as const,
    };
    await drain(await client.audio.speech.complete(request)).catch(() => {});
    expect(scene.recorded.span).to.deep.include({
      output: said('assistant', [{ type: 'audio', size_bytes: 1500 }]),
      modelParameters: { voice: 'v1', response_format: 'wav' },
    });
    expect(scene.recorded.span.metadata).to.deep.include({ stream_incomplete: true });
  });

  it('include a batch from files, for an agent, that has failed', async () => {
    scene.answer = json({
      ...{ id: 'b1', object: 'batch', endpoint: '/v1/ocr', status: 'FAILED', created_at: 1, output_file: 'f2' },
      ...{ total_requests: 2, completed_requests: 0, succeeded_requests: 0, failed_requests: 2 },
      ...{ input_files: ['f1'], model: 'm-1', errors: [{ message: '' }, { message: 'no such file', count: 2 }] },
    });
    await client.batch.jobs.create({ endpoint: '/v1/ocr', inputFiles: ['f1'], agentId: 'a-1', model: 'm' });
    expect(scene.recorded.span).to.deep.include({
      status: 'ERROR',
      error: 'no such file',
      model: 'm-1',
      input: { input_files: ['f1'], endpoint: '/v1/ocr' },
      output: { id: 'b1', status: 'FAILED', total_requests: 2, output_file: 'f2' },
      metadata: { agent_id: 'a-1', response_id: 'b1' },
    });
  });
});
