import { bodyError } from '../../calls/body-error.js';
import { type CallAdapter, noStream } from '../../calls/call-adapter.js';
import { counts } from '../../calls/counts.js';
import { costInHeaders, statedCost } from '../../calls/openai/cost.js';
import { parameters, pick } from '../../calls/parameters.js';
import { fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { base64Bytes } from '../../calls/without-bytes.js';

/** `client.embeddings.create()`: how many vectors of how many numbers, never the vectors. */
export const embeddings: CallAdapter = {
  name: 'openai-embeddings',
  kind: 'EMBEDDING',
  request: (request) => ({
    input: { input: embeddedTexts(request.input) },
    model: nonEmptyString(request.model),
    parameters: parameters(pick(request, ['dimensions', 'encoding_format'])),
  }),
  reply(reply) {
    const { model, data, usage } = fields(reply);
    const vectors = list(data);
    const { prompt_tokens, input_tokens, total_tokens } = fields(usage);
    // Nothing is generated, so if only a total is given, it counts the prompt.
    const prompt = prompt_tokens ?? input_tokens ?? total_tokens;
    const error = bodyError(reply);
    return {
      output: { count: vectors.length, dimensions: vectorLength(fields(vectors[0]).embedding) },
      model: nonEmptyString(model),
      usage: counts({
        prompt,
        completion: prompt === undefined ? undefined : 0,
        total: total_tokens,
      }),
      cost: statedCost(reply, usage),
      metadata: { error: error?.details },
      error: error?.text,
    };
  },
  stream: noStream,
  head: costInHeaders,
};

/** Texts unchanged; of lists of token ids only the length. */
export function embeddedTexts(input: unknown): unknown {
  if (!Array.isArray(input)) return input;
  if (input.length > 0 && input.every((item) => typeof item === 'number')) return `[${input.length} tokens]`;
  return input.map((item) => (Array.isArray(item) ? `[${item.length} tokens]` : item));
}

/** How many numbers a vector has. In base64, a number has four bytes. */
function vectorLength(vector: unknown): number | undefined {
  if (typeof vector === 'string') return Math.floor(base64Bytes(vector) / 4);
  if (Array.isArray(vector)) return vector.length;
  return ArrayBuffer.isView(vector) && 'length' in vector ? Number(vector.length) : undefined;
}
