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
  type MethodDecorator,
  type SpanCallOptions,
  type SpanCallOptions as SpanDecoratorOptions,
  span,
  spanFunction,
  type TraceCallOptions,
  type TraceCallOptions as TraceDecoratorOptions,
  type TracedMethod,
  trace,
  traceFunction,
} from '../../lib/index.js';
