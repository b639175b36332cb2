/**
 * What records and delivers, from `pandaprobe-ts`: the process-wide client, clients of your own, their options, flush
 * and shutdown.
 *
 * How to use it: [delivery](../delivery.md), [masking and sampling](../masking-and-sampling.md).
 *
 * @module
 */
export {
  Client,
  type ErrorListener,
  type EstimateCost,
  type EstimateFacts,
  type FlushAfterOptions,
  type FlushOptions,
  type FlushResult,
  flush,
  flushAfter,
  getClient,
  init,
  type Mask,
  type MaskContext,
  type Options,
  type Options as ConfigOptions,
  type RecordedTokenUsage,
  type RequestContext,
  type Settings,
  type Settings as SdkConfig,
  type SinkStats,
  shutdown,
  suppressProviderSpans,
  VERSION,
} from '../../lib/index.js';
