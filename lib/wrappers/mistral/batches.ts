import { fields, filled, given, list } from '../../calls/narrow.js';
import { pick } from '../../calls/parameters.js';
import { noStream, type Translation } from '../../calls/translation.js';

/** `client.batch.jobs.create()`: where the requests are, or how many, and the job they became. */
export const batches: Translation = {
  name: 'mistral-batch',
  kind: 'OTHER',
  request: ({ inputFiles, requests, endpoint, model, agentId }) => ({
    input: given({
      input_files: inputFiles,
      requests: Array.isArray(requests) ? requests.length : undefined,
      endpoint,
    }),
    model: filled(model),
    metadata: { agent_id: filled(agentId) },
  }),
  reply(reply) {
    const { id, model, errors } = fields(reply);
    const names = { id: 'id', status: 'status', totalRequests: 'total_requests', outputFile: 'output_file' };
    const [failure] = list(errors).flatMap((error) => filled(fields(error).message) ?? []);
    return {
      output: given(pick(fields(reply), names)),
      model: filled(model),
      metadata: { response_id: id },
      error: failure,
    };
  },
  stream: noStream,
};
