import type { Method, Patches } from '../../calls/patch.js';
import { fields } from '../../calls/read-unknown.js';
import { types } from '../../common/builtins.js';
import type { Frame } from '../../engine/frame.js';
import { callbackFrame } from '../../engine/frames-of-node.js';
import { remoteSpan } from '../../engine/integration/remote-trace.js';
import { toolSpanIn } from '../../engine/integration/tool-span.js';
import { contextIn, isSameDestination } from '../../engine/integration/trace-context.js';
import { currentFrame, parentIn, within } from '../../engine/scope.js';
import type { SpanNode } from '../../engine/span-node.js';
import { guarded } from '../adapter/guarded.js';
import { openStep } from '../adapter/step.js';
import { carried } from './carried.js';
import { McpCall, runningSpan } from './mcp-call.js';
import { askedBy, isCarrier, isServerAsking } from './methods.js';
import type { MCPOptions } from './options.js';

/*
 * What is patched of a client, in both generations of the package:
 *
 *     callTool() ──> request({ method: 'tools/call' })     callTool opens the span, because it checks the result
 *     callToolStream() ──> requestStream() ──> request()   requestStream opens the span, because a task goes on after its request
 *     readResource(), getPrompt(), … ──> request()         opens the span if nothing has yet, and sends the context
 *     _requestHandlers.get(method) ──> handler             a request of the server runs below the call that it belongs to
 */

/** Patches a client. @returns the name of a missing method that every known version has; undefined if it is patched */
export function patchClient(client: object, patches: Patches, options: MCPOptions): string | undefined {
  const calls = new ClientCalls(client, options);
  const isKnown = patches.method(client, 'request', (original) => calls.request(original));
  patches.method(client, 'callTool', (original) => calls.callTool(original));
  patches.method(client, 'requestStream', (original) => calls.requestStream(original));
  patches.method(Reflect.get(client, '_requestHandlers'), 'get', (original) => calls.handlers(original));
  return isKnown ? undefined : 'request()';
}

/** The running calls of one client. */
class ClientCalls {
  readonly #client: object;
  readonly #options: MCPOptions;
  readonly #running = new Map<Frame, McpCall>();

  constructor(client: object, options: MCPOptions) {
    this.#client = client;
    this.#options = options;
  }

  request(original: Method): Method {
    const self = this;
    return function request(...args) {
      const { method, params } = fields(args[0]);
      const outer = method === 'tools/call' ? self.#running.get(currentFrame()) : undefined;
      const call = outer ?? self.#open(method, params, args);
      const isCarried = self.#options.propagate !== false && isCarrier(method);
      const sent = isCarried ? carried(args, call?.span) : args;
      if (call === undefined) return original.apply(this, [...sent]);
      const withToken = sent.map((arg) => withProgressIn(call.frame, arg));
      if (call === outer) return original.apply(this, withToken);
      return call.run(() => original.apply(this, withToken), types.isAsyncFunction(original));
    };
  }

  callTool(original: Method): Method {
    const self = this;
    return function callTool(...args) {
      const call = self.#open('tools/call', args[0], args);
      if (call === undefined) return original.apply(this, args);
      return call.run(() => original.apply(this, args), types.isAsyncFunction(original));
    };
  }

  /** A request whose messages come one by one, up to its result: a task of the server. */
  requestStream(original: Method): Method {
    const self = this;
    return function requestStream(...args) {
      const { method, params } = fields(args[0]);
      const call = method === 'tools/call' ? self.#open(method, params, args) : undefined;
      const start = () => original.apply(this, args);
      return call === undefined ? start() : call.run(start, false);
    };
  }

  /** Makes handlers of the server's requests run in the frame of the call that they belong to. */
  handlers(original: Method): Method {
    const self = this;
    return function get(...args) {
      const handler = original.apply(this, args);
      if (typeof handler !== 'function' || !isServerAsking(args[0])) return handler;
      return function asked(this: unknown, ...asking: unknown[]): unknown {
        const frame = guarded('MCP', 'what a server asks', () => self.#frameFor(asking[0]));
        const answer = () => Reflect.apply(handler, this, asking);
        return frame === undefined ? answer() : within(frame, answer);
      };
    };
  }

  #open(method: unknown, params: unknown, args: readonly unknown[]): McpCall | undefined {
    return guarded('MCP', 'a request', () => {
      const asked = askedBy(method, params, this.#options);
      if (asked === undefined) return undefined;
      const outside = currentFrame();
      const merged = asked.kind === 'TOOL' ? toolSpanIn(outside, asked.name) : undefined;
      const step =
        merged === undefined
          ? openStep(asked.name, asked.kind, this.#options, outside)
          : { span: merged, trace: undefined };
      if (step === undefined) return undefined;
      const call = new McpCall(step, outside, this.#options, {
        isMerged: merged !== undefined,
        signal: signalIn(args),
        onEnd: ({ frame }) => this.#running.delete(frame),
      });
      this.#running.set(call.frame, call);
      guarded('MCP', 'a request', () => call.asked(asked, { server: this.#serverName(), method }));
      return call;
    });
  }

  /**
   * The frame of the call that a server's request belongs to: the one that the server names, else the only running one. It has to
   * be restored, because a connection's events run in the frame in which the connection was opened. Undefined leaves the frame
   * unchanged.
   */
  #frameFor(request: unknown): Frame | undefined {
    const calls = [...this.#running.values()];
    const [first] = calls;
    if (first === undefined) return undefined;
    const { traceparent, tracestate } = fields(fields(fields(request).params)._meta);
    const context = contextIn(traceparent, tracestate);
    const named =
      context !== undefined && isSameDestination(context, first.span.recorder.destination) ? context : undefined;
    const call = calls.find(({ span }) => span.trace.traceId === named?.traceId);
    const path = spansAbove(currentFrame());
    if (named !== undefined && call !== undefined) {
      // If the server is in this process, the frame was passed on through it.
      const { spanId } = named;
      if (spanId === undefined || path.some(({ draft }) => draft.spanId === spanId)) return undefined;
      const parent = runningSpan(spanId) ?? remoteSpan(call.span.trace, spanId);
      return callbackFrame(parent, call.frame);
    }
    // The right frame is current already: in one process, and with streamable HTTP, where each request has its own response.
    if (path.some((span) => calls.some((other) => other.span === span))) return undefined;
    if (calls.length === 1) return first.frame;
    const isOneParent = calls.every(({ outside }) => parentIn(outside) === parentIn(first.outside));
    return isOneParent ? first.outside : undefined;
  }

  #serverName(): unknown {
    const { getServerVersion } = fields(this.#client);
    return typeof getServerVersion === 'function'
      ? fields(Reflect.apply(getServerVersion, this.#client, [])).name
      : undefined;
  }
}

/** The current span and those around it, from the inside out. */
function spansAbove(frame: Frame): readonly SpanNode[] {
  const spans: SpanNode[] = [];
  for (let at = parentIn(frame); at !== undefined; at = at.parent) spans.push(at);
  return spans;
}

/**
 * Options whose `onprogress` runs in `frame`, because a connection's events run in the frame in which the connection was opened.
 */
function withProgressIn(frame: Frame, options: unknown): unknown {
  const { onprogress } = fields(options);
  if (typeof onprogress !== 'function') return options;
  return { ...fields(options), onprogress: (progress: unknown) => within(frame, () => onprogress(progress)) };
}

/** The abort signal in a request's options, which are the second or third argument. */
function signalIn(args: readonly unknown[]): unknown {
  return args
    .slice(1)
    .map((arg) => fields(arg).signal)
    .find((signal) => signal !== undefined);
}
