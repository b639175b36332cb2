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
  type ConfigOptions,
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
  type RecordedTokenUsage,
  type RequestContext,
  type SdkConfig,
  type Settings,
  type SinkStats,
  shutdown,
  suppressProviderSpans,
  VERSION,
} from '../../lib/index.js';
