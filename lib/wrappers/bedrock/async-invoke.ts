import { type CallAdapter, noStream } from '../../calls/call-adapter.js';
import { fields } from '../../calls/read-unknown.js';
import { modelName } from './converse.js';
import { bodyRequest } from './invoke.js';

/** `StartAsyncInvokeCommand`: the input of a model that makes, for example, a video, the place of its output, and the job. */
export const asyncInvoke: CallAdapter = {
  name: 'bedrock-async-invoke',
  kind: 'LLM',
  request: ({ modelId, modelInput, outputDataConfig }) => ({
    ...bodyRequest(modelInput),
    model: modelName(modelId),
    metadata: { output_uri: fields(fields(outputDataConfig).s3OutputDataConfig).s3Uri },
  }),
  reply(reply) {
    const { invocationArn } = fields(reply);
    return { output: { invocation_arn: invocationArn } };
  },
  stream: noStream,
};
