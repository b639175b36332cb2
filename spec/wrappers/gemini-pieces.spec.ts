import { expect } from 'chai';
import { wrapGemini } from '../../lib/wrappers/gemini.js';
import { drain } from '../support/recorded.js';
import { noise } from './support/noise.js';
import { json, useScene } from './support/scene.js';
import { googleClients } from './support/versions.js';

/* What is more than text, in pieces as it is whole. */

for (const [name, GoogleGenAI] of await googleClients()) {
  describe(`wrapGemini(): pieces of an answer, ${name}`, () => {
    const scene = useScene();
    const answer = (parts: readonly object[], finishReason?: string) => ({
      candidates: [{ content: { role: 'model', parts }, index: 0, finishReason }],
    });
    const models = () => wrapGemini(new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: scene.url } })).models;
    const askStreamed = async (...chunks: readonly (readonly object[])[]) => {
      const events = chunks.map((parts, i) => answer(parts, i === chunks.length - 1 ? 'STOP' : undefined));
      scene.answer = { kind: 'sse', events };
      await drain(await models().generateContentStream({ model: 'gemini-x', contents: 'Hi' }));
    };
    const askWhole = async (...parts: readonly object[]) => {
      scene.answer = json(answer(parts, 'STOP'));
      await models().generateContent({ model: 'gemini-x', contents: 'Hi' });
    };
    const outputs = () => scene.recorded.spans.map(({ output }) => output);
    const data = (bytes: number, mimeType: string) => ({
      inlineData: { mimeType, data: noise(bytes).toString('base64') },
    });

    it('adds up a sound, and keeps pictures apart', async () => {
      await askWhole({ text: 'here' }, data(3000, 'audio/pcm'), data(3000, 'image/png'), data(6000, 'image/png'));
      await askStreamed(
        [{ text: 'he' }],
        [{ text: 're' }],
        [data(600, 'audio/pcm')],
        [data(2400, 'audio/pcm')],
        [data(3000, 'image/png'), data(6000, 'image/png')],
      );
      const content = [
        { type: 'text', text: 'here' },
        { type: 'audio', mime_type: 'audio/pcm', size_bytes: 3000 },
        { type: 'image', mime_type: 'image/png', size_bytes: 3000 },
        { type: 'image', mime_type: 'image/png', size_bytes: 6000 },
      ];
      const said = { messages: [{ role: 'assistant', content }] };
      expect(outputs()).to.deep.equal([said, said]);
      expect(scene.recorded.text).not.to.include(noise(600).toString('base64').slice(0, 40));
    });

    it('joins a call whose arguments arrive value by value', async () => {
      const args = { city: 'New Delhi', days: 2, places: [{ name: 'Fort', open: true }], note: null };
      const call = { name: 'weather', id: 'f1', args };
      const time = { functionCall: { name: 'time', args: { zone: 'UTC' } } };
      await askWhole({ functionCall: call }, time);
      const more = (...partialArgs: readonly object[]) => [{ functionCall: { partialArgs, willContinue: true } }];
      await askStreamed(
        [{ functionCall: { name: 'weather', id: 'f1', willContinue: true } }],
        more({ jsonPath: '$.city', stringValue: 'New ', willContinue: true }),
        more({ jsonPath: '$.city', stringValue: 'Delhi' }, { jsonPath: '$.days', numberValue: 2 }),
        more({ jsonPath: '$.places[0].name', stringValue: 'Fort' }, { jsonPath: '$.places[0].open', boolValue: true }),
        more({ jsonPath: '$.note', nullValue: 'NULL_VALUE' }),
        [{ functionCall: {} }, time],
      );
      const [whole, streamed] = outputs();
      expect(JSON.stringify(whole)).to.include('New Delhi').and.to.include('UTC');
      expect(streamed).to.deep.equal(whole);
    });
  });
}
