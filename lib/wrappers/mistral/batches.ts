import { type CallAdapter, noStream } from '../../calls/call-adapter.js';
import { pick } from '../../calls/parameters.js';
import { fields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';

/** `client.batch.jobs.create()`: the file or number of its requests, and the job. */
export const batches: CallAdapter = {
  name: 'mistral-batch',
  kind: 'OTHER',
  request: ({ inputFiles, requests, endpoint, model, agentId }) => ({
    input: omitNullish({
      input_files: inputFiles,
      requests: Array.isArray(requests) ? requests.length : undefined,
      endpoint,
    }),
    model: nonEmptyString(model),
    metadata: { agent_id: nonEmptyString(agentId) },
  }),
  reply(reply) {
    const { id, model, errors } = fields(reply);
    const names = { id: 'id', status: 'status', totalRequests: 'total_requests', outputFile: 'output_file' };
    const [failure] = list(errors).flatMap((error) => nonEmptyString(fields(error).message) ?? []);
    return {
      output: omitNullish(pick(fields(reply), names)),
      model: nonEmptyString(model),
      metadata: { response_id: id },
      error: failure,
    };
  },
  stream: noStream,
};
