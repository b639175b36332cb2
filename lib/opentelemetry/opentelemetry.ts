export { bridgeOpenTelemetry, type OTelApi } from './bridge.js';
export { type OpenTelemetryOptions, pandaProbeSpanExporter, pandaProbeSpanProcessor } from './span-processor.js';
export type {
  OTelReadableSpan,
  OTelSpanContext,
  OTelSpanExporter,
  OTelSpanProcessor,
  OTelTime,
  OTelTraceState,
} from './types.js';
