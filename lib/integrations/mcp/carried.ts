import { fields, isFields } from '../../calls/read-unknown.js';
import { carrierOf } from '../../engine/integration/trace-context.js';
import { currentFrame, placeIn } from '../../engine/scope.js';
import type { SpanNode } from '../../engine/span-node.js';
import { guarded } from '../adapter/guarded.js';

/**
 * The arguments of a call, with a copy of the request at `at` that carries the context of `span`, or else of the current span. Without
 * either, the same arguments.
 * Source: Model Context Protocol, *SEP-414*: `traceparent`, `tracestate` and `baggage` are reserved in `_meta`.
 */
export function carried(args: readonly unknown[], span: SpanNode | undefined, at = 0): readonly unknown[] {
  const sent = guarded('MCP', 'the context of a request', () => {
    const parent = span === undefined ? placeIn(currentFrame()) : { trace: span.trace, span };
    const request = args[at];
    if (parent === undefined || !isFields(request)) return args;
    const params = fields(request.params);
    const meta = fields(params._meta);
    return args.with(at, { ...request, params: { ...params, _meta: { ...meta, ...carrierOf(parent, meta) } } });
  });
  return sent ?? args;
}
