/**
 * Spans of OpenTelemetry as traces, from `pandaprobe-ts/opentelemetry`.
 *
 * How to use it: [OpenTelemetry](../opentelemetry.md).
 *
 * @module
 */
export * from '../../lib/opentelemetry/opentelemetry.js';
