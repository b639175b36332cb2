import type { CallAdapter } from '../calls/call-adapter.js';
import { openCall } from '../calls/model-call.js';
import { wrapOnce } from '../calls/patch.js';
import { type Fields, fields, text } from '../calls/read-unknown.js';
import type { WrapOptions } from '../calls/wrap-options.js';
import { followReply } from './api-stream.js';
import { asyncInvoke } from './bedrock/async-invoke.js';
import { bidirectional } from './bedrock/bidirectional.js';
import { converse } from './bedrock/converse.js';
import { guardrail, guardrailChecks } from './bedrock/guardrails.js';
import { invokeAdapter } from './bedrock/invoke.js';
import { servedBy } from './served-by.js';

export { unwrap } from '../calls/patch.js';
export type { WrapOptions } from '../calls/wrap-options.js';

/** A Bedrock client that can be wrapped: `BedrockRuntimeClient`, or `BedrockRuntime`, which has one method per command. */
export interface BedrockClient {
  readonly middlewareStack: {
    /** Adds the wrapper. Its parameters are `never`, so that the method of every version fits. */
    add(middleware: never, options: never): void;
    /** `unwrap` removes it again. */
    remove(name: string): boolean;
  };
}

const name = 'pandaprobe';

/** The name of the service at AWS. */
const runtime = 'Bedrock Runtime';

/**
 * Records `Converse`, `ConverseStream`, `InvokeModel`, `InvokeModelWithResponseStream`,
 * `InvokeModelWithBidirectionalStream`, `StartAsyncInvoke`, `ApplyGuardrail` and `InvokeGuardrailChecks` of a Bedrock client, in
 * whatever way they are sent; retries are part of one call. A call inside a trace becomes a span of that trace, any other a trace of
 * its own. Wrap a client with `cacheMiddleware` before its first call.
 *
 * The client itself is changed and returned; its results and errors stay the same. Wrapping twice changes nothing; `unwrap` undoes
 * it.
 *
 * @param client - the client to record
 * @param options - what is recorded, and by which client
 * @returns the same client, of the same type
 * @throws UsageError `ERR_USAGE` if the client or the options are invalid
 * @example
 * ```ts
 * import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
 * import { wrapBedrock } from 'pandaprobe-ts/wrappers/bedrock';
 *
 * const client = wrapBedrock(new BedrockRuntimeClient({ region: 'eu-west-1' }));
 * const answer = await client.send(
 *   new ConverseCommand({
 *     modelId: 'amazon.nova-lite-v1:0',
 *     messages: [{ role: 'user', content: [{ text: 'How warm is it in Lisbon?' }] }],
 *   }),
 * );
 * console.log(answer.stopReason);
 * ```
 */
export function wrapBedrock<T extends BedrockClient>(client: T, options: WrapOptions = {}): T {
  return wrapOnce(client, 'a Bedrock client', options, (patches, own) => {
    const { middlewareStack } = client;
    if (typeof fields(middlewareStack).add !== 'function') return 'a middlewareStack';
    const place = { step: 'initialize', name, priority: 'high', override: true };
    middlewareStack.add(recording(servedBy('aws', undefined, own)) as never, place as never); // a middleware in the SDK's form
    patches.onRestore(() => middlewareStack.remove(name));
    // Clients of other AWS services have a middleware stack, too.
    const service = text(fields(fields(client).config).serviceId) ?? runtime;
    return service === runtime ? undefined : `the commands of ${runtime}`;
  });
}

interface Args {
  readonly input: unknown;
}
type Next = (args: Args) => Promise<unknown>;

/** The outermost middleware: it gets each command first, in the caller's frame, and each answer last. */
function recording(options: WrapOptions) {
  return (next: Next, context: unknown): Next =>
    (args) => {
      const command = fields(context).commandName;
      const input = fields(args.input);
      const adapter = adapterOf(command, input);
      if (adapter === undefined) return next(args);
      if (adapter.kind === 'EMBEDDING' && options.traceEmbeddings === false) return next(args);
      const call = openCall(adapter, input, options);
      if (call === undefined) return next(args);
      return call
        .start(() => next(args))
        .then(
          (result) => {
            const { output, response } = fields(result);
            const stream = streamIn(command, fields(output));
            if (stream !== undefined) {
              followReply(stream, call);
              call.finished(); // a reply that is no stream after all
            } else call.returned({ ...fields(output), headers: fields(response).headers });
            return result;
          },
          (error: unknown) => {
            call.threw(error);
            throw error;
          },
        );
    };
}

function adapterOf(command: unknown, { modelId }: Fields): CallAdapter | undefined {
  switch (command) {
    case 'ConverseCommand':
    case 'ConverseStreamCommand':
      return converse;
    case 'InvokeModelCommand':
      return invokeAdapter(modelId, false);
    case 'InvokeModelWithResponseStreamCommand':
      return invokeAdapter(modelId, true);
    case 'InvokeModelWithBidirectionalStreamCommand':
      return bidirectional;
    case 'StartAsyncInvokeCommand':
      return asyncInvoke;
    case 'ApplyGuardrailCommand':
      return guardrail;
    case 'InvokeGuardrailChecksCommand':
      return guardrailChecks;
    default:
      return undefined;
  }
}

function streamIn(command: unknown, { stream, body }: Fields): unknown {
  if (command === 'ConverseStreamCommand') return stream;
  const isStreamed = /^InvokeModelWith(?:Response|Bidirectional)StreamCommand$/.test(text(command) ?? '');
  return isStreamed ? body : undefined;
}
