import { readOptions } from '../calls/patch.js';
import { createLog } from '../common/log.js';
import type { FrameworkOptions } from './adapter/options.js';
import { wrapGenerate, wrapStream } from './vercel-ai/middleware.js';
import { Telemetry } from './vercel-ai/telemetry.js';
import { Tracer } from './vercel-ai/tracer.js';
import type { AISDKMiddleware, AISDKTelemetry, AISDKTracer } from './vercel-ai/types.js';

export type { AdapterOptions, FrameworkOptions } from './adapter/options.js';
export type {
  AISDKMiddleware,
  AISDKModelCall,
  AISDKSpan,
  AISDKTelemetry,
  AISDKTracer,
} from './vercel-ai/types.js';

/** The result of `instrumentAISDK`. */
export interface AISDKInstrumentation {
  /** `false` if it was instrumented already; then the options of the first call still apply. */
  readonly isNew: boolean;
  /** Removes the instrumentation. Open runs are not recorded to their end. */
  uninstrument(): void;
}

/** The global in which the SDK looks for telemetry. Source: `registerTelemetry` of `ai` 7, which fills it. */
const registry = 'AI_SDK_TELEMETRY_INTEGRATIONS';
const shared = globalThis as { [registry]?: unknown };
/** On the telemetry that was put there, so that another copy of this package finds it. */
const mark = Symbol.for('pandaprobe.instrumented');

const log = createLog({ debug: false });

/**
 * Records every call of the Vercel AI SDK 7 in this process: `generateText`, `streamText`, agents, objects, embeddings and
 * reranking, with their model calls and tools. Nothing is imported, and it does not matter whether `ai` is loaded before. A
 * second call changes nothing. Calls with `telemetry: { isEnabled: false }` or `integrations` of their own are left out.
 *
 * In the AI SDK 5 and 6 nothing can be registered for all calls: give each call a {@link pandaProbeTracer}.
 *
 * @param options - what is recorded, and by which client
 * @returns `isNew`: whether this call has instrumented the SDK; `uninstrument`: removes it
 * @throws UsageError `ERR_USAGE` if the options are invalid
 * @example
 * ```ts
 * import { instrumentAISDK } from 'pandaprobe-ts/integrations/vercel-ai';
 *
 * instrumentAISDK();
 * ```
 */
export function instrumentAISDK(options: FrameworkOptions = {}): AISDKInstrumentation {
  const telemetry = Object.defineProperty(pandaProbeTelemetry(options), mark, { value: true });
  const uninstrument = () => {
    const { [registry]: list } = shared;
    if (!Array.isArray(list)) return;
    const at = list.findIndex(isOurs);
    if (at >= 0) list.splice(at, 1);
  };
  try {
    shared[registry] ??= [];
    const { [registry]: list } = shared;
    if (!Array.isArray(list)) throw new TypeError(`${registry} is no array`);
    if (list.some(isOurs)) return { isNew: false, uninstrument };
    list.push(telemetry);
    return { isNew: true, uninstrument };
  } catch (error) {
    log.warn(
      'AI SDK registry',
      `the AI SDK is not recorded: its list of telemetry cannot be changed (${String(error)})`,
    );
    return { isNew: false, uninstrument };
  }
}

function isOurs(telemetry: unknown): boolean {
  return typeof telemetry === 'object' && telemetry !== null && mark in telemetry;
}

/**
 * The telemetry that {@link instrumentAISDK} registers. Use it to register telemetry yourself: with `registerTelemetry` of `ai` 7,
 * or for one call with `telemetry: { integrations: [pandaProbeTelemetry()] }`. A call that has it twice is recorded once.
 *
 * @param options - what is recorded, and by which client
 * @returns telemetry for the AI SDK 7
 * @throws UsageError `ERR_USAGE` if the options are invalid
 * @example
 * ```ts
 * import { openai } from '@ai-sdk/openai';
 * import { generateText } from 'ai';
 * import { pandaProbeTelemetry } from 'pandaprobe-ts/integrations/vercel-ai';
 *
 * await generateText({
 *   model: openai('gpt-5.4'),
 *   prompt: 'How warm is it?',
 *   telemetry: { functionId: 'weather', integrations: [pandaProbeTelemetry({ sessionId: 's-1' })] },
 * });
 * ```
 */
export function pandaProbeTelemetry(options: FrameworkOptions = {}): AISDKTelemetry {
  return new Telemetry(readOptions(options));
}

/**
 * A tracer for the AI SDK 5 and 6, which records the calls that are given it. It needs nothing of OpenTelemetry.
 *
 * @param options - what is recorded, and by which client
 * @returns a tracer for `experimental_telemetry.tracer`
 * @throws UsageError `ERR_USAGE` if the options are invalid
 * @example
 * ```ts
 * import { openai } from '@ai-sdk/openai';
 * import { generateText } from 'ai';
 * import { pandaProbeTracer } from 'pandaprobe-ts/integrations/vercel-ai';
 *
 * const telemetry = { isEnabled: true, functionId: 'weather', tracer: pandaProbeTracer() };
 * await generateText({ model: openai('gpt-5.4'), prompt: 'How warm is it?', experimental_telemetry: telemetry });
 * ```
 */
export function pandaProbeTracer(options: FrameworkOptions = {}): AISDKTracer {
  return new Tracer(readOptions(options));
}

/**
 * A middleware for one model, in every version of the AI SDK: each call of it is an LLM span. It sees no tools and no steps.
 * Where the telemetry or the tracer records the same call, the middleware records nothing.
 *
 * @param options - what is recorded, and by which client
 * @returns a middleware for `wrapLanguageModel`
 * @throws UsageError `ERR_USAGE` if the options are invalid
 * @example
 * ```ts
 * import { openai } from '@ai-sdk/openai';
 * import { wrapLanguageModel } from 'ai';
 * import { pandaProbeMiddleware } from 'pandaprobe-ts/integrations/vercel-ai';
 *
 * const model = wrapLanguageModel({ model: openai('gpt-5.4'), middleware: pandaProbeMiddleware() });
 * ```
 */
export function pandaProbeMiddleware(options: FrameworkOptions = {}): AISDKMiddleware {
  const own = readOptions(options);
  return {
    specificationVersion: 'v3',
    wrapGenerate: ({ doGenerate, ...call }) => wrapGenerate(call, doGenerate, own),
    wrapStream: ({ doStream, ...call }) => wrapStream(call, doStream, own),
  };
}
