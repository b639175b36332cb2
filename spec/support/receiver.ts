import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { handle } from './receiver-calls.js';
import { Store, type StoredTrace } from './receiver-store.js';

export { rateLimited, tooLargeOver, unprocessable } from './receiver-behaviours.js';
export type { StoredScore, StoredSpan, StoredTrace } from './receiver-store.js';
export { treeOf } from './tree-of.js';

/** One received request. */
export interface ReceivedRequest {
  /** From 0, in order of arrival. */
  readonly index: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Which call it is, e.g. `POST /traces`, `POST /traces/{trace_id}/spans`, `POST /evaluations/trace-scores`. */
  readonly call: string;
  readonly headers: http.IncomingHttpHeaders;
  /** The parsed JSON body; undefined if there is none, or it is not JSON. */
  readonly body: unknown;
  readonly bytes: number;
  /** When the whole request had come, in milliseconds of the monotonic clock. */
  readonly at: number;
  /** The status of the answer; undefined if there is none, or none yet. */
  status: number | undefined;
}

/**
 * What to do with a request:
 * - `accept`: as the backend does;
 * - `hang`: never answer;
 * - `cut`: close the socket, nothing stored;
 * - `cut-after`: store as the backend does, then close the socket without an answer;
 * - `drip`: store, send the headers of a success, then a byte of the body every 50 ms, for ever;
 * - an answer: this status, body and headers; stored only with `store: true`; `drip` sends its body as above.
 */
export type Behaviour =
  | 'accept'
  | 'hang'
  | 'cut'
  | 'cut-after'
  | 'drip'
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly store?: boolean;
      readonly drip?: boolean;
    }
  /** Wait, then do it. */
  | { readonly delayMs: number; readonly next?: Behaviour };

/** Decides per request; undefined means `accept`. */
export type Behave = (request: ReceivedRequest) => Behaviour | undefined;

/** Options of a receiver. */
export interface ReceiverOptions {
  /** @defaultValue accepts everything */
  readonly behave?: Behave;
  /** A contract checker: problems of a call's body, kept in `receiver.problems`. `call` as in {@link ReceivedRequest}. */
  readonly check?: (call: string, body: unknown) => string[];
  /** Time in ms from the 202 until the trace is stored, as with the backend's storage queue. @defaultValue 0, at once */
  readonly storeAfterMs?: number;
  /** @defaultValue 0, a free one */
  readonly port?: number;
}

/** A PandaProbe backend in memory, on a real socket. */
export interface Receiver {
  /** Such as `http://127.0.0.1:41234`: the `endpoint` option. */
  readonly url: string;
  readonly port: number;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** The stored traces as the backend would return them: with their spans (also late ones) and scores. */
  readonly traces: readonly StoredTrace[];
  /** The problems that the contract checker found, each with its call. */
  readonly problems: readonly string[];
  /** May be changed at any time. */
  behave: Behave;
  /** The stored trace of this name. @throws when there is none. */
  trace(name: string): StoredTrace;
  /** Requests of one call, e.g. `POST /traces`. */
  count(call: string): number;
  /** Resolves when `isTrue` returns true; it is called again after every answered (or cut) request. */
  until(isTrue: () => boolean): Promise<void>;
  /** Closes the listening port and every connection: connections are refused from now on. */
  refuse(): Promise<void>;
  /** Listens again, on the same port. */
  listen(): Promise<void>;
  /** Closes everything. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a receiver on 127.0.0.1. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const problems: string[] = [];
  const waiting = new Set<() => void>();
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const store = new Store(options.storeAfterMs ?? 0, () => changed());
  const server = http.createServer(
    { keepAliveTimeout: 60_000 },
    (incoming, response) => void serve(incoming, response),
  );
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  let port = options.port ?? 0;

  function changed(): void {
    for (const look of [...waiting]) look();
  }

  function later(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, ms);
    timers.add(timer);
  }

  async function serve(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      return; // cut by the sender
    }
    const request = received(incoming, Buffer.concat(chunks), requests.length);
    requests.push(request);
    if (options.check !== undefined && request.method !== 'GET') {
      problems.push(...options.check(request.call, request.body).map((problem) => `${request.call}: ${problem}`));
    }
    act(receiver.behave(request) ?? 'accept', request, response);
  }

  function act(behaviour: Behaviour, request: ReceivedRequest, response: http.ServerResponse): void {
    if (typeof behaviour === 'object' && 'delayMs' in behaviour) {
      later(behaviour.delayMs, () => act(behaviour.next ?? 'accept', request, response));
      return;
    }
    if (behaviour === 'hang') {
      changed();
      return;
    }
    if (behaviour === 'cut' || behaviour === 'cut-after') {
      if (behaviour === 'cut-after') handle(store, request);
      response.socket?.destroy();
      changed();
      return;
    }
    const answer = typeof behaviour === 'object' ? behaviour : handle(store, request);
    if (typeof behaviour === 'object' && behaviour.store === true) handle(store, request);
    request.status = answer.status;
    const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
    const headers = typeof behaviour === 'object' ? behaviour.headers : undefined;
    response.writeHead(answer.status, {
      'Content-Type': 'application/json',
      'X-Request-ID': String(request.headers['x-request-id'] ?? ''),
      ...headers,
    });
    if (behaviour === 'drip' || (typeof behaviour === 'object' && behaviour.drip === true)) drip(response);
    else response.end(text, changed);
  }

  function drip(response: http.ServerResponse): void {
    if (response.destroyed) return;
    response.write(' ');
    changed();
    later(50, () => drip(response));
  }

  function listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port; // a TCP server's address
        resolve();
      });
    });
  }

  async function refuse(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  async function close(): Promise<void> {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    store.close();
    if (server.listening) await refuse();
  }

  const receiver: Receiver = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get port() {
      return port;
    },
    requests,
    problems,
    get traces() {
      return store.traces();
    },
    behave: options.behave ?? (() => 'accept'),
    trace(name) {
      const found = store.traces().find((trace) => trace.name === name);
      if (found === undefined) throw new Error(`no trace named ${name} was stored; there are ${store.traces().length}`);
      return found;
    },
    count: (call) => requests.filter((request) => request.call === call).length,
    until(isTrue) {
      return new Promise((resolve) => {
        const look = () => {
          if (!isTrue()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
    refuse,
    listen,
    close,
    [Symbol.asyncDispose]: close,
  };
  await listen();
  return receiver;
}

function received(incoming: http.IncomingMessage, bytes: Buffer, index: number): ReceivedRequest {
  const url = new URL(incoming.url ?? '/', 'http://receiver');
  const method = incoming.method ?? '';
  let body: unknown;
  try {
    body = bytes.length === 0 ? undefined : JSON.parse(bytes.toString('utf8'));
  } catch {
    body = undefined;
  }
  return {
    index,
    method,
    path: url.pathname,
    query: url.searchParams,
    call: `${method} ${pattern(url.pathname)}`,
    headers: incoming.headers,
    body,
    bytes: bytes.length,
    at: performance.now(),
    status: undefined,
  };
}

/** `/traces/1234/spans` → `/traces/{trace_id}/spans`, as in openapi.json. */
function pattern(path: string): string {
  return path
    .replace(/^\/traces\/[^/]+\/spans\/[^/]+$/, '/traces/{trace_id}/spans/{span_id}')
    .replace(/^\/traces\/[^/{]+(?=\/|$)/, '/traces/{trace_id}')
    .replace(/^\/evaluations\/trace-scores\/[^/]+$/, '/evaluations/trace-scores/{trace_id}');
}
