import type { DeliveryError } from '../common/errors.js';
import type { Cost } from '../engine/handles.js';
import type { Mask } from '../model/capture-values.js';
import type { CallFacts } from '../model/records.js';
import type { Sink } from '../model/sink.js';

/** Token usage as it is recorded. A count that the provider does not send is absent, not 0. */
export interface RecordedTokenUsage {
  /** Tokens sent, including `cache_read_tokens` and `cache_creation_tokens`. */
  readonly prompt_tokens?: number | undefined;
  /** Tokens generated, including `reasoning_tokens`. */
  readonly completion_tokens?: number | undefined;
  readonly total_tokens?: number | undefined;
  readonly reasoning_tokens?: number | undefined;
  readonly cache_read_tokens?: number | undefined;
  readonly cache_creation_tokens?: number | undefined;
  /** Other counts of the provider. */
  readonly [extra: string]: number | undefined;
}

/** Further facts about the model call whose cost is estimated. If no wrapper recorded the span, only `startedAt` is known. */
export interface EstimateFacts extends CallFacts {
  /** When the call started, in milliseconds since the epoch; prices change over time. */
  readonly startedAt: number;
  /** Writes a line on stderr if the client's option `debug` is on. Use it to say why there is no cost. */
  debug(message: string): void;
}

/**
 * Estimates the cost of a model call in US dollars. Returns a cost as for `setCost`, a number for its total, or undefined if the
 * cost is not known. `model` is the name of the model that answered, as the provider writes it, often with a date.
 * `genaiPrices()` from `pandaprobe-ts/prices` returns such a function.
 *
 * @example
 * ```ts
 * const perMillion: Record<string, { sent: number; made: number }> = { 'gpt-5.4': { sent: 1.25, made: 10 } };
 *
 * init({
 *   estimateCost(model, { prompt_tokens = 0, completion_tokens = 0 }) {
 *     const price = perMillion[model];
 *     return price && (prompt_tokens * price.sent + completion_tokens * price.made) / 1e6;
 *   },
 * });
 * ```
 */
export type EstimateCost = (
  model: string,
  usage: RecordedTokenUsage,
  facts: EstimateFacts,
) => Cost | number | undefined;

/**
 * The options of a client. An option takes precedence over its variable, and a variable over the default. An invalid variable is
 * ignored with a warning. But if `PANDAPROBE_ENDPOINT`, `_API_KEY`, `_PROJECT_NAME`, `_SPOOL_DIR`, `_SAMPLE_RATE`, `_ENABLED` or
 * a variable of the proxy is invalid, nothing is recorded, and one line says so.
 */
export interface Options {
  /** Key of the backend, `sk_pp_…`. Variable: `PANDAPROBE_API_KEY`. */
  readonly apiKey?: string | undefined;
  /**
   * 1 to 255 letters, digits, spaces, `-`, `_`, `.`, `'`; starts and ends with a letter or digit. Created on
   * first use. Variable: `PANDAPROBE_PROJECT_NAME`.
   */
  readonly projectName?: string | undefined;
  /**
   * Address of the backend: a URL without a query; for this machine, `localhost:8000` is enough. Variable: `PANDAPROBE_ENDPOINT`.
   * @defaultValue 'https://api.pandaprobe.com'
   */
  readonly endpoint?: string | undefined;
  /** Put on every trace, up to 255 characters. Variable: `PANDAPROBE_ENVIRONMENT`. */
  readonly environment?: string | undefined;
  /** Put on every trace, up to 255 characters. Variable: `PANDAPROBE_RELEASE`. */
  readonly release?: string | undefined;
  /**
   * Whether anything is recorded. Variable: `PANDAPROBE_ENABLED` (`true`, `1`, `yes`; any other text is off, with one warning
   * unless it is `false`, `0`, `no` or `off`).
   * @defaultValue true
   */
  readonly enabled?: boolean | undefined;
  /** How many queued items start a send, from 1. Variable: `PANDAPROBE_BATCH_SIZE`. @defaultValue 10 */
  readonly batchSize?: number | undefined;
  /** Longest wait before a send, in milliseconds, from 0. Variable (seconds): `PANDAPROBE_FLUSH_INTERVAL`. @defaultValue 5000 */
  readonly flushIntervalMs?: number | undefined;
  /** The flush interval in seconds; `flushIntervalMs` takes precedence. */
  readonly flushInterval?: number | undefined;
  /**
   * Most items held, from 1; beyond it the oldest trace is dropped. Variable: `PANDAPROBE_MAX_QUEUE_SIZE`.
   * @defaultValue 10000
   */
  readonly maxQueueSize?: number | undefined;
  /** Most bytes held (queued, in flight, waiting for a retry), from 1024. Variable: `PANDAPROBE_MAX_QUEUE_BYTES`. @defaultValue 25165824 (24 MiB) */
  readonly maxQueueBytes?: number | undefined;
  /**
   * A folder, absolute or relative to the current one, in which items are kept on disk until they are delivered: they survive an
   * outage, a restart and `kill -9`. It is created if needed, readable by its owner only; several processes may share it.
   * Variable: `PANDAPROBE_SPOOL_DIR`.
   * @defaultValue none
   */
  readonly spoolDir?: string | undefined;
  /**
   * Most bytes that one process keeps in `spoolDir`, from 1048576; the oldest file is dropped first. Variable:
   * `PANDAPROBE_MAX_SPOOL_BYTES`.
   * @defaultValue 536870912 (512 MiB)
   */
  readonly maxSpoolBytes?: number | undefined;
  /** Where requests are made: in a worker thread, on the main thread, or whichever suits the platform. Variable: `PANDAPROBE_WORKER`. @defaultValue 'auto' */
  readonly worker?: 'auto' | 'thread' | 'inline' | undefined;
  /**
   * Whether traces are also sent before they end, so that you can watch them. `'auto'`: continuously to a local server on this
   * machine; to any other backend every 5 seconds, if they run for more than 15 seconds. `true`: continuously to every backend,
   * with at most a fifth of its rate limit. Variable: `PANDAPROBE_LIVE`.
   * @defaultValue 'auto'
   */
  readonly live?: boolean | 'auto' | undefined;
  /**
   * Share of the traces to keep, from 0 to 1. A trace is kept whole or not at all. Variable: `PANDAPROBE_SAMPLE_RATE`.
   * @defaultValue 1
   */
  readonly sampleRate?: number | undefined;
  /** Keep traces with status ERROR whatever the rate. @defaultValue false */
  readonly alwaysKeepErrors?: boolean | undefined;
  /**
   * Whether a trace that starts while an OpenTelemetry span is active takes the trace id of that span, so that you find both by
   * one id. Only the first trace in each OpenTelemetry trace does so. The metadata has the active span.
   * @defaultValue false
   */
  readonly joinOtel?: boolean | undefined;
  /** Called with a plain copy of every value before it is recorded; its result is recorded instead. */
  readonly mask?: Mask | undefined;
  /**
   * Called for each finished LLM or EMBEDDING span that has a model and token usage but no cost, whether a wrapper, an
   * integration or your code recorded it. Its result becomes the cost of the span. If it throws, the error is logged, and the
   * span has no cost.
   */
  readonly estimateCost?: EstimateCost | undefined;
  /** Whether decorators, wrappers and integrations record inputs, unless they have this option themselves. @defaultValue true */
  readonly captureInput?: boolean | undefined;
  /** Whether decorators, wrappers and integrations record outputs, unless they have this option themselves. @defaultValue true */
  readonly captureOutput?: boolean | undefined;
  /** Most bytes of one captured value, from 256; a longer one is cut, with a note of its size. Variable: `PANDAPROBE_MAX_VALUE_BYTES`. @defaultValue 1048576 (1 MiB) */
  readonly maxValueBytes?: number | undefined;
  /** Print each finished trace as a tree on stderr. Variable: `PANDAPROBE_CONSOLE`. @defaultValue false */
  readonly console?: boolean | undefined;
  /** Where records go instead of the backend. @defaultValue the HTTP sink */
  readonly sinks?: readonly Sink[] | undefined;
  /**
   * Longest time that the end of the process is delayed for delivery, in milliseconds, from 0. Variable (seconds):
   * `PANDAPROBE_EXIT_TIMEOUT`.
   * @defaultValue 5000
   */
  readonly exitTimeoutMs?: number | undefined;
  /** Longest one request may take, in milliseconds, from 1. @defaultValue 10000 */
  readonly requestTimeoutMs?: number | undefined;
  /** Called for every item that is lost, like a listener added with `client.onError()`. */
  readonly onError?: ((error: DeliveryError) => void) | undefined;
  /** Log requests and decisions on stderr. Variable: `PANDAPROBE_DEBUG`. @defaultValue false */
  readonly debug?: boolean | undefined;
}

/** The settings of a client: options, variables and defaults combined. Never changed. */
export interface Settings {
  readonly apiKey: string | undefined;
  readonly projectName: string | undefined;
  readonly endpoint: string;
  readonly environment: string | undefined;
  readonly release: string | undefined;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly flushIntervalMs: number;
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
  readonly spoolDir: string | undefined;
  readonly maxSpoolBytes: number;
  readonly worker: 'auto' | 'thread' | 'inline';
  readonly live: boolean | 'auto';
  readonly sampleRate: number;
  readonly alwaysKeepErrors: boolean;
  readonly joinOtel: boolean;
  readonly mask: Mask | undefined;
  readonly estimateCost: EstimateCost | undefined;
  readonly captureInput: boolean;
  readonly captureOutput: boolean;
  readonly maxValueBytes: number;
  readonly console: boolean;
  readonly sinks: readonly Sink[] | undefined;
  readonly exitTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Called for every item that is lost. */
  readonly onError: ((error: DeliveryError) => void) | undefined;
  readonly debug: boolean;
  /** The platform stops the process between requests, so no worker thread is used. */
  readonly isServerless: boolean;
  /**
   * What is wrong with variables that must not be replaced by a default, so that nothing is recorded. Undefined if they are
   * valid.
   */
  readonly wrong: string | undefined;
  /** The needed settings that are missing, so that nothing can be sent; undefined if none is missing. */
  readonly missing: string | undefined;
}

/** The name of {@link Options} in the `pandaprobe` package, for programs that move over. @deprecated Use `Options`. */
export type ConfigOptions = Options;
/** The name of {@link Settings} in the `pandaprobe` package, for programs that move over. @deprecated Use `Settings`. */
export type SdkConfig = Settings;
