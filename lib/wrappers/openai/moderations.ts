import { bodyError } from '../../calls/body-error.js';
import { type CallAdapter, noStream } from '../../calls/call-adapter.js';
import { flaggedCategories } from '../../calls/openai/moderated.js';
import { mediaPart } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';

/** `client.moderations.create()`: the flagged categories. */
export const moderations: CallAdapter = {
  name: 'openai-moderation',
  kind: 'LLM',
  request: ({ input, model }) => ({ input: { input: moderated(input) }, model: nonEmptyString(model) }),
  reply(reply) {
    const { id, model, results } = fields(reply);
    const error = bodyError(reply);
    return {
      output: { results: list(results).map(verdict) },
      model: nonEmptyString(model),
      metadata: { response_id: id, error: error?.details },
      error: error?.text,
    };
  },
  stream: noStream,
};

function moderated(input: unknown): unknown {
  if (!Array.isArray(input)) return input;
  return input.map((part) => {
    const { type, image_url } = fields(part);
    return type === 'image_url' ? mediaPart('image', { url: fields(image_url).url }) : part;
  });
}

function verdict(result: unknown): Fields {
  const { flagged, categories } = fields(result);
  return { flagged, categories: flaggedCategories(categories) };
}
