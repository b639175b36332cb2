import { expect } from 'chai';
import OpenAI from 'openai';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { rejection } from '../support/recorded.js';
import { json, useScene } from './support/scene.js';

describe('wrapOpenAI(): moderations, videos, batches', () => {
  const scene = useScene();
  const client = () => wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: scene.url, maxRetries: 0, logLevel: 'off' }));

  it('records the flagged categories of a moderation', async () => {
    const categories = { violence: true, hate: false };
    scene.answer = json({
      id: 'm1',
      model: 'omni',
      results: [{ flagged: true, categories, category_scores: { violence: 0.9 } }],
    });
    await client().moderations.create({ input: ['a', 'b'] });
    expect(scene.recorded.span).to.deep.include({
      name: 'openai-moderation',
      input: { input: ['a', 'b'] },
      output: { results: [{ flagged: true, categories: ['violence'] }] },
    });
  });

  it('records the making of videos and batches', async () => {
    scene.answer = json({ id: 'v1', status: 'queued', model: 'sora', seconds: '4' });
    await client().videos.create({ model: 'sora-2', prompt: 'a panda walks' });
    await client().videos.remix('v1', { prompt: 'it runs' });
    scene.answer = json({ id: 'b1', status: 'validating', endpoint: '/v1/responses' });
    await client().batches.create({ completion_window: '24h', endpoint: '/v1/responses', input_file_id: 'f1' });
    expect(scene.recorded.spans.map(({ name, kind }) => [name, kind])).to.deep.equal([
      ['openai-video', 'LLM'],
      ['openai-video', 'LLM'],
      ['openai-batch', 'OTHER'],
    ]);
    expect(scene.recorded.spans[1]?.input).to.deep.equal({ messages: [{ role: 'user', content: 'it runs' }] });
    expect(scene.recorded.spans[2]?.output).to.deep.include({ id: 'b1', status: 'validating' });
  });

  it('records failures of each', async () => {
    scene.answer = { kind: 'json', status: 400, body: { error: { message: 'no pandas', code: 'moderation_blocked' } } };
    await rejection(client().images.generate({ prompt: 'a panda' }));
    await rejection(client().audio.speech.create({ model: 'tts', voice: 'coral', input: 'x' }));
    expect(scene.recorded.spans.map(({ status }) => status)).to.deep.equal(['ERROR', 'ERROR']);
    expect(scene.recorded.spans[0]?.error).to.include('no pandas');
  });
});
