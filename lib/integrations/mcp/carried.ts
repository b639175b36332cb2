import { carrierOf } from '../../engine/integration/trace-context.js';
import { currentFrame, resolve } from '../../engine/scope.js';
import type { SpanNode } from '../../engine/span-node.js';
import { fields, isFields } from '../../wrappers/narrow.js';
import { guarded } from '../adapter/guarded.js';

/**
 * The arguments of `request()` with a copy of the request that carries the current trace along; the very arguments where there is none.
 * Source: Model Context Protocol, *SEP-414*: `traceparent`, `tracestate` and `baggage` are reserved in `_meta`.
 */
export function carried(args: readonly unknown[], span: SpanNode | undefined): readonly unknown[] {
  const sent = guarded('MCP', 'the context of a request', () => {
    const parent = span ?? resolve(currentFrame())?.span;
    const [request] = args;
    if (parent === undefined || !isFields(request)) return args;
    const params = fields(request.params);
    const meta = fields(params._meta);
    return args.with(0, { ...request, params: { ...params, _meta: { ...meta, ...carrierOf(parent, meta) } } });
  });
  return sent ?? args;
}
