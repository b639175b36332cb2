import { type CallAdapter, noStream } from '../../calls/call-adapter.js';
import { parameters, pick } from '../../calls/parameters.js';
import { fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { embeddedTexts } from '../openai/embeddings.js';
import { mistralUsage } from './chat.js';

/** `client.embeddings.create()`: how many vectors of how many numbers, never the vectors. */
export const embeddings: CallAdapter = {
  name: 'mistral-embeddings',
  kind: 'EMBEDDING',
  request: (request) => ({
    input: { input: embeddedTexts(request.inputs) },
    model: nonEmptyString(request.model),
    parameters: parameters(pick(request, { outputDimension: 'dimensions', outputDtype: 'output_dtype' })),
  }),
  reply(reply) {
    const { model, data, usage } = fields(reply);
    const vectors = list(data);
    const { embedding } = fields(vectors[0]);
    return {
      output: { count: vectors.length, dimensions: Array.isArray(embedding) ? embedding.length : undefined },
      model: nonEmptyString(model),
      usage: mistralUsage(usage),
    };
  },
  stream: noStream,
};
