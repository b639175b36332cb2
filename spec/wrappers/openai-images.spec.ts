import { expect } from 'chai';
import OpenAI, { toFile } from 'openai';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { drain } from '../support/recorded.js';
import { json, useScene } from './support/scene.js';

const picture = 'A'.repeat(4000);
const usage = { input_tokens: 9, output_tokens: 30, total_tokens: 39, input_tokens_details: { text_tokens: 9 } };
const tokens = { prompt_tokens: 9, completion_tokens: 30, total_tokens: 39, image_tokens: 30 };

describe('wrapOpenAI(): images', () => {
  const scene = useScene();
  const client = () => wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: scene.url, maxRetries: 0, logLevel: 'off' }));

  it('records a picture by its size, with its prompt and tokens', async () => {
    scene.answer = json({
      created: 1,
      data: [{ b64_json: picture, revised_prompt: 'a red panda' }],
      output_format: 'webp',
      usage,
    });
    const made = await client().images.generate({ model: 'gpt-image', prompt: 'a panda', size: '1024x1024' });
    expect(made.data?.[0]?.b64_json).to.equal(picture);
    const { span } = scene.recorded;
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
    expect(scene.recorded.text).not.to.include('AAAA');
  });

  it('records an edited picture, and the files sent by name and size', async () => {
    scene.answer = json({ created: 1, data: [{ url: 'https://images.test/1.png' }] });
    const image = await toFile(Buffer.from(picture), 'panda.png', { type: 'image/png' });
    await client().images.edit({ model: 'gpt-image', image, prompt: 'more red' });
    const sent = { type: 'image', mime_type: 'image/png', name: 'panda.png', size_bytes: 4000 };
    const { input, output } = scene.recorded.span;
    expect(input).to.deep.equal({ messages: [{ role: 'user', content: [{ type: 'text', text: 'more red' }, sent] }] });
    expect(JSON.stringify(output)).to.include('https://images.test/1.png');
    expect(scene.recorded.text).not.to.include('AAAA');
  });

  it('records the stream of a picture', async () => {
    const event = (type: string, rest: object = {}) => ({
      type: `image_generation.${type}`,
      b64_json: picture,
      ...rest,
    });
    scene.answer = {
      kind: 'sse',
      named: true,
      events: [event('partial_image', { partial_image_index: 0 }), event('completed', { output_format: 'png', usage })],
    };
    await drain(await client().images.generate({ model: 'gpt-image', prompt: 'a panda', stream: true }));
    expect(scene.recorded.span).to.deep.include({ status: 'OK', tokenUsage: tokens });
    expect(scene.recorded.span.metadata).to.deep.equal({});
    expect(JSON.stringify(scene.recorded.span.output)).to.include('"size_bytes":3000');
    expect(scene.recorded.span.completionStartTime).not.to.equal(undefined);
  });
});
