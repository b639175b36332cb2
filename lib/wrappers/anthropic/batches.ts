import { bodyError } from '../../calls/body-error.js';
import { type CallAdapter, noStream } from '../../calls/call-adapter.js';
import { pick } from '../../calls/parameters.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';

/** `client.messages.batches.create()`: the number of requests, their models, and the batch. */
export const batches: CallAdapter = {
  name: 'anthropic-batch',
  kind: 'OTHER',
  request({ requests }) {
    const models = new Set(
      list(requests).flatMap((request) => nonEmptyString(fields(fields(request).params).model) ?? []),
    );
    return { input: { requests: list(requests).length, models: [...models] } };
  },
  reply(reply) {
    const error = bodyError(reply);
    const { id }: Fields = fields(reply);
    return {
      output: pick(fields(reply), ['id', 'processing_status', 'request_counts', 'expires_at']),
      metadata: { response_id: id, error: error?.details },
      error: error?.text,
    };
  },
  stream: noStream,
};
