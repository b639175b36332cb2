import { RawReferenceImage } from '@google/genai';
import { expect } from 'chai';
import { unwrap, wrapGemini } from '../../lib/wrappers/gemini.js';
import { rejection } from '../support/recorded.js';
import { noise } from './support/noise.js';
import { json, useScene } from './support/scene.js';
import { googleClients } from './support/versions.js';

/* The calls of a Google client that are no conversation: pictures and films by size or address, jobs by their names. */

const base64 = noise(3000).toString('base64');
const picture = { imageBytes: base64, mimeType: 'image/png' };
const shown = { type: 'image', mime_type: 'image/png', size_bytes: 3000 };
const predicted = { predictions: [{ bytesBase64Encoded: base64, mimeType: 'image/png', prompt: 'a red panda' }] };
const said = (...content: readonly unknown[]) => ({ messages: [{ role: 'user', content }] });
const panda = { type: 'text', text: 'a panda' };

for (const [name, GoogleGenAI] of await googleClients()) {
  describe(`wrapGemini(): pictures, videos, batches, ${name}`, () => {
    const scene = useScene();
    let warned: typeof console.warn;
    before(() => {
      warned = console.warn;
      console.warn = () => {}; // the client says of some of its calls that they are experimental
    });
    after(() => {
      console.warn = warned;
    });

    const options = { apiKey: 'AIzaSecretKeyz4711', httpOptions: { baseUrl: '' } };
    const client = () => wrapGemini(new GoogleGenAI({ ...options, httpOptions: { baseUrl: scene.url } }));
    const vertex = () =>
      wrapGemini(new GoogleGenAI({ ...options, vertexai: true, httpOptions: { baseUrl: scene.url } }));

    it('records a picture by its size, and why another is missing', async () => {
      const filtered = { raiFilteredReason: 'it shows a person' };
      scene.answer = json({ predictions: [...predicted.predictions, filtered] });
      const config = { numberOfImages: 2, aspectRatio: '1:1', negativePrompt: 'snow', labels: { team: 'secret' } };
      const made = await vertex().models.generateImages({ model: 'imagen-x', prompt: 'a panda', config });
      expect(made.generatedImages?.[0]?.image?.imageBytes).to.equal(base64);
      expect(scene.recorded.span).to.deep.include({
        name: 'gemini-image',
        kind: 'LLM',
        status: 'OK',
        model: 'imagen-x',
        input: { messages: [{ role: 'user', content: 'a panda', negative_prompt: 'snow' }] },
        output: { messages: [{ role: 'assistant', content: [{ ...shown, revised_prompt: 'a red panda' }] }] },
        modelParameters: { n: 2, aspect_ratio: '1:1' },
        tokenUsage: undefined,
        cost: undefined,
        metadata: { filtered_reasons: ['it shows a person'] },
      });
      expect(scene.recorded.text).not.to.include(base64.slice(0, 40)).and.not.to.include('secret');
    });

    it('records pictures that are edited, upscaled, recontextualized and segmented', async () => {
      scene.answer = json(predicted);
      const { models } = vertex();
      const reference = new RawReferenceImage();
      reference.referenceImage = picture;
      await models.editImage({ model: 'imagen-x', prompt: 'a panda', referenceImages: [reference] });
      await models.upscaleImage({ model: 'imagen-x', image: picture, upscaleFactor: 'x2' });
      const products = [{ productImage: { gcsUri: 'gs://shop/1.png' } }];
      await models.recontextImage({ model: 'recontext-x', source: { prompt: 'a panda', productImages: products } });
      await models.segmentImage({ model: 'segment-x', source: { image: picture }, config: { maxPredictions: 1 } });
      expect(scene.recorded.spans.map(({ input }) => input)).to.deep.equal([
        said(panda, shown),
        said(shown),
        said(panda, { type: 'image', url: 'gs://shop/1.png' }),
        said(shown),
      ]);
      for (const { output, status } of scene.recorded.spans) {
        expect([status, JSON.stringify(output)]).to.deep.equal(['OK', JSON.stringify(output)]);
        expect(JSON.stringify(output)).to.include('"size_bytes":3000');
      }
      expect(scene.recorded.spans[1]?.modelParameters).to.deep.equal({ upscale_factor: 'x2' });
      expect(scene.recorded.text).not.to.include(base64.slice(0, 40));
    });

    it('records the making of a video, by its operation', async () => {
      scene.answer = json({ name: 'models/veo/operations/1' });
      const config = { durationSeconds: 4, lastFrame: picture };
      await vertex().models.generateVideos({ model: 'veo-x', prompt: 'a panda', image: picture, config });
      expect(scene.recorded.span).to.deep.include({
        name: 'gemini-video',
        kind: 'LLM',
        model: 'veo-x',
        input: said(panda, shown, shown),
        output: { name: 'models/veo/operations/1' },
        modelParameters: { duration_seconds: 4 },
      });
      expect(scene.recorded.text).not.to.include(base64.slice(0, 40));
    });

    it('records the creation of batches, by the place or number of their requests', async () => {
      scene.answer = json({ name: 'batches/1', metadata: { state: 'BATCH_STATE_PENDING', model: 'models/gemini-x' } });
      const { batches } = client();
      const requests = [{ contents: [{ role: 'user', parts: [{ text: 'private' }] }] }, { contents: 'private' }];
      await batches.create({ model: 'gemini-x', src: requests });
      await batches.create({ model: 'gemini-x', src: 'files/1' });
      await batches.createEmbeddings({ model: 'embed-x', src: { inlinedRequests: { contents: ['a', 'b', 'c'] } } });
      expect(scene.recorded.spans.map(({ name: span, kind, input }) => [span, kind, input])).to.deep.equal([
        ['gemini-batch', 'OTHER', { requests: 2 }],
        ['gemini-batch', 'OTHER', { src: 'files/1' }],
        ['gemini-batch', 'OTHER', { requests: 3 }],
      ]);
      expect(scene.recorded.spans[0]?.output).to.deep.include({ name: 'batches/1' });
      expect(scene.recorded.text).not.to.include('private');
    });

    it('counts the tokens of embeddings if Vertex states them', async () => {
      const embeddings = [2, 3].map((token_count) => ({
        values: [0.5, 1],
        statistics: { token_count, truncated: false },
      }));
      scene.answer = json({ predictions: embeddings.map((each) => ({ embeddings: each })) });
      await vertex().models.embedContent({ model: 'text-embedding-005', contents: ['a', 'b'] });
      expect(scene.recorded.span.tokenUsage).to.deep.equal({ prompt_tokens: 5, completion_tokens: 0, total_tokens: 5 });
      expect(scene.recorded.span.output).to.deep.equal({ count: 2, dimensions: 2 });
    });

    it('records failures of each', async () => {
      scene.answer = {
        kind: 'json',
        status: 400,
        body: { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'nope' } },
      };
      const { models } = vertex();
      const { batches } = client();
      await rejection(models.generateImages({ model: 'imagen-x', prompt: 'a panda' }));
      await rejection(models.generateVideos({ model: 'veo-x', prompt: 'a panda' }));
      await rejection(batches.create({ model: 'gemini-x', src: 'files/1' }));
      scene.answer = json({ name: 'models/veo/operations/1', done: true, error: { code: 3, message: 'no pandas' } });
      await models.generateVideos({ model: 'veo-x', prompt: 'a panda' });
      expect(scene.recorded.spans.map(({ status }) => status)).to.deep.equal(['ERROR', 'ERROR', 'ERROR', 'ERROR']);
      expect(scene.recorded.spans[0]?.error).to.include('nope');
      expect(scene.recorded.spans[3]?.error).to.equal('no pandas');
    });

    it('records nothing of a client that is unwrapped', async () => {
      scene.answer = json(predicted);
      const ai = unwrap(vertex());
      await ai.models.generateImages({ model: 'imagen-x', prompt: 'a panda' });
      expect(scene.recorded.traces).to.deep.equal([]);
    });
  });
}
