import type { Method, Patches } from '../../calls/patch.js';
import { fields } from '../../calls/read-unknown.js';
import { getClient } from '../../client/global-client.js';
import { recorderOf } from '../../client/recording/client-parts.js';
import { createMutedRecorder } from '../../client/recording/muted-recorder.js';
import { types } from '../../common/builtins.js';
import type { Frame } from '../../engine/frame.js';
import { callbackFrame } from '../../engine/frames-of-node.js';
import { remoteFrame } from '../../engine/integration/remote-trace.js';
import { contextIn, isSameDestination } from '../../engine/integration/trace-context.js';
import type { RemoteContext } from '../../engine/remote-origin.js';
import { currentFrame, parentIn, placeIn } from '../../engine/scope.js';
import type { SpanNode } from '../../engine/span-node.js';
import { guarded } from '../adapter/guarded.js';
import { ifOpen, openStep } from '../adapter/step.js';
import { carried } from './carried.js';
import { McpCall, runningSpan } from './mcp-call.js';
import { askedBy, isRecorded, isServerAsking } from './methods.js';
import type { MCPOptions } from './options.js';

/** Patches a server. @returns the name of a missing method that every known version has; undefined if it is patched */
export function patchServer(server: object, patches: Patches, options: MCPOptions): string | undefined {
  // The map in which the server looks up the handler of each request, also of handlers that are set later.
  const handlers: unknown = Reflect.get(server, '_requestHandlers');
  const isKnown = patches.method(
    handlers,
    'get',
    (original) =>
      function get(...args) {
        const handler = original.apply(this, args);
        const [method] = args;
        if (typeof handler !== 'function' || !isRecorded(method, options)) return handler;
        return recorded(server, method, handler as Method, options);
      },
  );
  if (options.propagate !== false) {
    // In version 2, requests that a tool makes pass through here, and not through `request`.
    const isNewer = patches.method(server, '_requestWithSchemaViaCodec', (original) => asking(original, 1));
    if (!isNewer) patches.method(server, 'request', (original) => asking(original, 0));
  }
  return isKnown ? undefined : 'request handlers';
}

/** Patches a method that sends a request to the client; the request is the argument with the index `at`. */
function asking(original: Method, at: number): Method {
  return function request(...args) {
    const isCarried = isServerAsking(fields(args[at]).method);
    return original.apply(this, [...(isCarried ? carried(args, undefined, at) : args)]);
  };
}

function recorded(server: object, method: string, handler: Method, options: MCPOptions): Method {
  return function handle(...args) {
    const call = guarded('MCP', 'a request', () => openCall(server, method, args, options));
    if (call === undefined) return handler.apply(this, args);
    return call.run(() => handler.apply(this, args), types.isAsyncFunction(handler));
  };
}

function openCall(server: object, method: string, args: readonly unknown[], options: MCPOptions): McpCall | undefined {
  const [request, extra] = args;
  const { params } = fields(request);
  const asked = askedBy(method, params, options);
  if (asked === undefined) return undefined;
  const outside = frameFor(asked.name, fields(params)._meta, options);
  const step = outside && openStep(asked.name, asked.kind, options, outside);
  if (outside === undefined || step === undefined) return undefined;
  // In version 1 the signal is directly in `extra`.
  const signal = fields(extra).signal ?? fields(fields(extra).mcpReq).signal;
  const call = new McpCall(step, outside, options, { signal });
  guarded('MCP', 'a request', () => call.asked(asked, { server: fields(fields(server)._serverInfo).name, method }));
  return call;
}

/** The frame below which the span of a request belongs; undefined if nothing is recorded. */
function frameFor(name: string, meta: unknown, options: MCPOptions): Frame | undefined {
  const current = currentFrame();
  const recorder = recorderOf(options.client ?? getClient(), current, true);
  if (recorder === undefined) return undefined;
  const { traceparent, tracestate } = fields(meta);
  const parent = contextIn(traceparent, tracestate);
  if (parent === undefined || !isSameDestination(parent, recorder.destination)) return ifOpen(current);
  if (parent.spanId === undefined && placeIn(current)?.trace.traceId === parent.traceId) return current;
  // If the client is in this process, its span may be current, or be found by its id.
  for (let at = parentIn(current); at !== undefined; at = at.parent) if (is(at, parent)) return current;
  const span = runningSpan(parent.spanId ?? '');
  if (span !== undefined && is(span, parent)) return callbackFrame(span, ifOpen(current));
  return remoteFrame(parent.isSampled ? recorder : createMutedRecorder(recorder.destination, () => {}), name, parent);
}

function is(span: SpanNode, { traceId, spanId }: RemoteContext): boolean {
  return span.draft.spanId === spanId && span.trace.traceId === traceId;
}
