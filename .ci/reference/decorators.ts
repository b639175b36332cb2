/**
 * Records what methods and functions do, at every call, from `pandaprobe-ts`.
 *
 * How to use it: [decorators](../decorators.md).
 *
 * @module
 */
export {
  type CaptureOptions,
  getTracedMethods,
  type MethodContext,
  type SpanCallOptions,
  type SpanDecoratorOptions,
  span,
  spanFunction,
  type TraceCallOptions,
  type TraceDecoratorOptions,
  type TracedMethod,
  type TracingDecorator,
  trace,
  traceFunction,
} from '../../lib/index.js';
