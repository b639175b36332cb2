import { expect } from 'chai';
import type { Answer } from '../support/provider.js';
import { compatible } from './compatible/replies.js';
import { chunk, reply, stream, useCompatible } from './support/compatible-wire.js';

describe('wrapOpenAI(): compatible servers', () => {
  const { scene, client, ask, askStreamed } = useCompatible();

  describe('tokens and cost', () => {
    for (const { server, reply: rest, choice, tokens, cost } of compatible) {
      it(`reads a whole reply of ${server}`, async () => {
        await ask(reply({ message: { role: 'assistant', content: 'warm' }, ...choice }, rest));
        expect(scene.recorded.span).to.deep.include({ tokenUsage: tokens, cost });
      });

      it(`reads a stream of ${server}`, async () => {
        await askStreamed(
          stream(chunk({ role: 'assistant', content: 'warm' }), chunk({}, { finish_reason: 'stop', ...choice }, rest)),
        );
        expect(scene.recorded.span).to.deep.include({ tokenUsage: tokens, cost });
      });
    }

    it('uses the last counts if every chunk has some', async () => {
      const counted = (completion_tokens: number) => ({
        usage: { prompt_tokens: 38, completion_tokens, total_tokens: 38 + completion_tokens },
      });
      await askStreamed(
        stream(
          chunk({ content: 'a' }, {}, counted(1)),
          chunk({ content: 'b' }, {}, counted(2)),
          chunk({}, { finish_reason: 'stop' }, { usage: null }),
        ),
      );
      expect(scene.recorded.span.tokenUsage).to.deep.equal({
        prompt_tokens: 38,
        completion_tokens: 2,
        total_tokens: 40,
      });
    });

    it('joins counts that arrive in two chunks, and keeps them if zeros follow', async () => {
      await askStreamed(
        stream(
          chunk({ content: 'a' }, {}, { usage: { prompt_tokens: 38 } }),
          chunk({}, { finish_reason: 'stop' }, { usage: { prompt_tokens: 0, completion_tokens: 2 } }),
        ),
      );
      expect(scene.recorded.span.tokenUsage).to.deep.equal({
        prompt_tokens: 38,
        completion_tokens: 2,
        total_tokens: 40,
      });
    });

    it('counts the tokens of images and of audio in a prompt', async () => {
      const prompt_tokens_details = { audio_tokens: 4, image_tokens: 20 };
      const usage = { prompt_tokens: 38, completion_tokens: 2, total_tokens: 40, prompt_tokens_details };
      await ask(reply({ message: { role: 'assistant', content: 'warm' } }, { usage }));
      expect(scene.recorded.span.tokenUsage).to.deep.include({ prompt_audio_tokens: 4, prompt_image_tokens: 20 });
    });

    it('reads a cost in a choice, whole and streamed', async () => {
      const provider_metadata = { gateway: { cost: '0', marketCost: '0.00025', generationId: 'gen_1' } };
      await ask(reply({ message: { role: 'assistant', content: 'warm', provider_metadata } }));
      await askStreamed(stream(chunk({ content: 'warm', provider_metadata }), chunk({}, { finish_reason: 'stop' })));
      expect(scene.recorded.spans.map(({ cost }) => cost)).to.deep.equal([{ total: 0.00025 }, { total: 0.00025 }]);
    });

    it('reads a cost in the headers of the response, unless the body states another', async () => {
      const head = (cost: string, rest: object = {}): Answer => {
        const whole = reply({ message: { role: 'assistant', content: 'warm' } }, rest);
        const headers = { 'x-litellm-response-cost': cost, 'x-litellm-key': 'secret-z4711' };
        return whole.kind === 'json' ? { ...whole, headers } : whole;
      };
      await ask(head('2.85e-05'));
      await ask(head('2.85e-05', { usage: { prompt_tokens: 20, completion_tokens: 10, cost: 0.5 } }));
      await ask(head('0.0'));
      const { spans, text } = scene.recorded;
      expect(spans.map(({ cost }) => cost)).to.deep.equal([{ total: 2.85e-5 }, { total: 0.5 }, undefined]);
      expect(text).not.to.include('z4711');
    });

    it('reads that cost even if the body is left to the caller', async () => {
      const whole = reply({ message: { role: 'assistant', content: 'warm' } });
      scene.answer = whole.kind === 'json' ? { ...whole, headers: { 'x-litellm-response-cost': '2.85e-05' } } : whole;
      const asked = client().chat.completions.create({
        model: 'm',
        messages: [{ role: 'user', content: 'How warm?' }],
      });
      const response = await asked.asResponse();
      await new Promise((resolve) => setImmediate(resolve));
      expect(await response.json()).to.have.property('choices');
      expect(scene.recorded.span).to.deep.include({ cost: { total: 2.85e-5 }, status: 'OK' });
    });

    it('counts the total of embeddings as prompt tokens', async () => {
      scene.answer = { kind: 'json', body: { model: 'm', data: [{ embedding: [0.5] }], usage: { total_tokens: 10 } } };
      await client().embeddings.create({ model: 'm', input: 'x', encoding_format: 'float' });
      expect(scene.recorded.span.tokenUsage).to.deep.equal({
        prompt_tokens: 10,
        completion_tokens: 0,
        total_tokens: 10,
      });
    });

    it('reads a cost of a response in ticks', async () => {
      scene.answer = {
        kind: 'json',
        body: {
          id: 'r',
          object: 'response',
          status: 'completed',
          model: 'm',
          output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'warm' }] }],
          usage: { input_tokens: 20, output_tokens: 10, total_tokens: 30, cost_in_usd_ticks: 5_000_000_000 },
        },
      };
      await client().responses.create({ model: 'm', input: 'How warm?' });
      expect(scene.recorded.span.cost).to.deep.equal({ total: 0.5 });
    });
  });
});
