/**
 * Traces to receivers of OpenTelemetry, from `pandaprobe-ts/otlp`.
 *
 * How to use it: [OpenTelemetry](../opentelemetry.md).
 *
 * @module
 */
export * from '../../lib/otlp/otlp-sink.js';
