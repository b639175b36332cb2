import { errorFacts } from '../../calls/error-facts.js';
import { type ModelCall, openCall } from '../../calls/model-call.js';
import { fields, nonEmptyString } from '../../calls/read-unknown.js';
import { suppressProviderSpans } from '../../client/recording/suppression.js';
import { followWebStream, isWebStream } from '../../engine/follow-stream.js';
import { guarded } from '../adapter/guarded.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { languageModel } from './language-model.js';
import type { AISDKModelCall } from './types.js';

/** A call of a model as one span: below what is current, or in a trace of its own. Records nothing if the call is recorded already. */
export async function wrapGenerate<R>(
  { params, model }: AISDKModelCall,
  doGenerate: () => PromiseLike<R>,
  options: FrameworkOptions,
): Promise<R> {
  const call = open(params, model, options);
  if (call === undefined) return doGenerate();
  const result = await run(call, doGenerate);
  guarded('AI SDK', 'a reply', () => call.returned(result));
  return result;
}

/** The same for a stream, which is followed while it is read; the caller gets the same object. */
export async function wrapStream<R>(
  { params, model }: AISDKModelCall,
  doStream: () => PromiseLike<R>,
  options: FrameworkOptions,
): Promise<R> {
  const call = open(params, model, options);
  if (call === undefined) return doStream();
  guarded('AI SDK', 'a stream', () => call.streaming(fields(params).abortSignal));
  const result = await run(call, doStream);
  guarded('AI SDK', 'a stream', () => {
    const { stream } = fields(result);
    if (typeof stream === 'object' && stream !== null && isWebStream(stream)) follow(stream, call);
    else call.unread({});
  });
  return result;
}

function open(params: object, model: object, options: FrameworkOptions): ModelCall | undefined {
  return guarded('AI SDK', 'a model call', () => {
    const { modelId, provider } = fields(model);
    return openCall(
      languageModel,
      { ...params, modelId, provider },
      { ...options, name: nonEmptyString(modelId) ?? 'model' },
    );
  });
}

async function run<R>(call: ModelCall, make: () => PromiseLike<R>): Promise<R> {
  try {
    return await call.start(() => suppressProviderSpans(make));
  } catch (error) {
    guarded('AI SDK', 'an error', () => call.threw(error));
    throw error;
  }
}

function follow(stream: ReadableStream<unknown>, call: ModelCall): void {
  followWebStream(stream, {
    returned: (value) => call.returned(value),
    chunk: (value) => call.chunk(value),
    streamed: () => call.streamed(),
    // An aborted call is no failure.
    threw: (error) => (errorFacts(error).metadata.aborted === true ? call.streamed() : call.threw(error)),
    pull: (fn) => call.pull(fn),
  });
}
