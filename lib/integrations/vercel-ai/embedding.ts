import { type CallAdapter, noStream } from '../../calls/call-adapter.js';
import { counts } from '../../calls/counts.js';
import { parameters, pick } from '../../calls/parameters.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';

/** `embed` and `embedMany`: how many vectors of how many numbers, never the vectors. */
export const embedding: CallAdapter = {
  name: 'ai-sdk-embed',
  kind: 'EMBEDDING',
  request: (request) => ({
    input: { input: request.value },
    model: nonEmptyString(request.modelId),
    parameters: parameters(pick(request, ['dimensions'])),
    metadata: { provider: request.provider },
  }),
  reply(result) {
    const { embedding: given, usage, response } = fields(result);
    const vectors = isVector(given) ? [given] : list(given);
    const { tokens } = fields(usage);
    const bodies = Array.isArray(response) ? response : [response];
    return {
      output: { count: vectors.length, dimensions: list(vectors[0]).length },
      model: bodies
        .map((each) => nonEmptyString((fields(fields(each).body) as Fields).model))
        .find((name) => name !== undefined),
      usage: counts({ prompt: tokens, completion: tokens === undefined ? undefined : 0 }),
    };
  },
  stream: noStream,
};

function isVector(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === 'number';
}
