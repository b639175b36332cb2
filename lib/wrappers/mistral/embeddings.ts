import { fields, filled, list } from '../../calls/narrow.js';
import { parameters, pick } from '../../calls/parameters.js';
import { noStream, type Translation } from '../../calls/translation.js';
import { embeddedTexts } from '../openai/embeddings.js';
import { mistralUsage } from './chat.js';

/** `client.embeddings.create()`: how many vectors of how many numbers, never the vectors. */
export const embeddings: Translation = {
  name: 'mistral-embeddings',
  kind: 'EMBEDDING',
  request: (request) => ({
    input: { input: embeddedTexts(request.inputs) },
    model: filled(request.model),
    parameters: parameters(pick(request, { outputDimension: 'dimensions', outputDtype: 'output_dtype' })),
  }),
  reply(reply) {
    const { model, data, usage } = fields(reply);
    const vectors = list(data);
    const { embedding } = fields(vectors[0]);
    return {
      output: { count: vectors.length, dimensions: Array.isArray(embedding) ? embedding.length : undefined },
      model: filled(model),
      usage: mistralUsage(usage),
    };
  },
  stream: noStream,
};
