import { Mistral } from '@mistralai/mistralai';
import { expect } from 'chai';
import { wrapMistral } from '../../lib/wrappers/mistral.js';
import { drain, record } from '../support/recorded.js';
import { json, useScene } from './support/scene.js';

/* What is more than text, in pieces as it is whole. */

describe('wrapMistral(): pieces of an answer', () => {
  const scene = useScene();
  const head = { id: 'c1', created: 1, model: 'mistral-x' };
  const ask = { model: 'mistral-x', messages: [{ role: 'user' as const, content: 'Hi' }] };
  const client = () =>
    wrapMistral(new Mistral({ apiKey: 'k', serverURL: scene.url, retryConfig: { strategy: 'none' } }));

  it('keeps references and pictures between texts', async () => {
    const reference = { type: 'reference', reference_ids: [1, 2] };
    const picture = { type: 'image_url', image_url: 'https://pandas.test/1.png' };
    const message = { role: 'assistant', content: [{ type: 'text', text: 'It is 42' }, reference, picture] };
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    scene.answer = json({ ...head, object: 'chat.completion', choices, usage });
    await client().chat.complete(ask);
    const chunk = (content: unknown, finish_reason: string | null = null) => ({
      ...head,
      choices: [{ index: 0, delta: { content }, finish_reason }],
    });
    scene.answer = {
      kind: 'sse',
      done: true,
      events: [chunk('It is '), chunk([{ type: 'text', text: '42' }, reference]), chunk([picture], 'stop')],
    };
    await drain(await client().chat.stream(ask));
    const [whole, streamed] = scene.recorded.spans.map(({ output }) => output);
    expect(JSON.stringify(whole)).to.include('reference').and.to.include('https://pandas.test/1.png');
    expect(streamed).to.deep.equal(whole);
  });

  it('fails if a choice has failed, and records the tier that was charged, whole and streamed', async () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, service_tier: 'priority' };
    const tiers: unknown[] = [];
    const recorded = record({ estimateCost: (_model, _usage, { serviceTier }) => void tiers.push(serviceTier) });
    const message = { role: 'assistant', content: 'It is' };
    const choices = [{ index: 0, message, finish_reason: 'error' }];
    scene.answer = json({ ...head, object: 'chat.completion', choices, usage });
    await client().chat.complete(ask);
    const chunk = { ...head, choices: [{ index: 0, delta: message, finish_reason: 'error' }], usage };
    scene.answer = { kind: 'sse', done: true, events: [chunk] };
    await drain(await client().chat.stream(ask));
    for (const { status, error } of recorded.spans)
      expect([status, error]).to.deep.equal(['ERROR', 'the model failed']);
    expect(recorded.spans).to.have.length(2);
    expect(tiers).to.deep.equal(['priority', 'priority']);
  });
});
