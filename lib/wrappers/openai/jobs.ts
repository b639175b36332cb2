import { bodyError } from '../../calls/body-error.js';
import { type CallAdapter, noStream, type ReplyFacts } from '../../calls/call-adapter.js';
import { statedCost } from '../../calls/openai/cost.js';
import { parameters, pick } from '../../calls/parameters.js';
import { content, textPart } from '../../calls/parts.js';
import { type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';
import { uploadParts } from './uploads.js';

/* Calls that start a job, on which a model works later: the request, and the job. */

/** `client.batches.create()`. */
export const batches: CallAdapter = {
  name: 'openai-batch',
  kind: 'OTHER',
  request: ({ input_file_id, endpoint, completion_window }) => ({
    input: { input_file_id, endpoint, completion_window },
  }),
  reply: (reply) => jobReply(fields(reply), ['id', 'status', 'endpoint', 'output_file_id', 'expires_at']),
  stream: noStream,
};

/** `client.videos.create()`, `edit()`, `extend()` and `remix()`. */
export const videos: CallAdapter = {
  name: 'openai-video',
  kind: 'LLM',
  request(request) {
    const { prompt, model, input_reference } = request;
    const said = nonEmptyString(prompt);
    const parts = [...(said === undefined ? [] : [textPart(said)]), ...uploadParts('image', input_reference)];
    return {
      input: { messages: [{ role: 'user', content: content(parts, '\n') }] },
      model: nonEmptyString(model),
      parameters: parameters(pick(request, ['seconds', 'size'])),
    };
  },
  reply: (reply) => jobReply(fields(reply), ['id', 'status', 'progress', 'seconds', 'size']),
  stream: noStream,
};

function jobReply(reply: Fields, names: readonly string[]): ReplyFacts {
  const error = bodyError(reply);
  return {
    output: pick(reply, names),
    model: nonEmptyString(reply.model),
    cost: statedCost(reply, reply.usage),
    metadata: { response_id: reply.id, error: error?.details },
    error: error?.text,
  };
}
