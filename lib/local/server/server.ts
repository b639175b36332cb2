import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { errorText } from '../../common/error-text.js';
import { newId } from '../../common/ids.js';
import { leaveMark } from '../../common/local-mark.js';
import { createLog } from '../../common/log.js';
import { VERSION } from '../../common/version.js';
import { LocalFailure } from '../failure.js';
import { databaseFault } from '../store/database-fault.js';
import { Store } from '../store/store.js';
import { formatTime } from '../wire/time.js';
import { type Answer, AnswerError, answer, invalid, refusal } from './answer.js';
import { Events } from './events.js';
import { checkKey, checkOrigin, type GateSettings, isLoopback } from './gate.js';
import { localCalls, noLocalCall, withoutProject, writingCall } from './local-calls.js';
import { isOtlp, otlpCall } from './otlp-calls.js';
import { noProject, projectOf } from './project-of.js';
import { defaultMaxBodyBytes, parseBody, readBytes } from './request-body.js';
import { matchRoute } from './routes.js';
import { viewerFile } from './viewer-files.js';

/** Options of a local server. */
export interface LocalServerOptions {
  /** The database file, or `:memory:`. */
  readonly path: string;
  /** Where the viewer's files are. */
  readonly viewerFolder: string;
  /** @defaultValue 7263; 0 is a free one */
  readonly port?: number | undefined;
  /** Address to listen on. Beyond this machine only together with `key`. @defaultValue `127.0.0.1` */
  readonly host?: string | undefined;
  /** The key that every call must carry. @defaultValue any key is accepted */
  readonly key?: string | undefined;
  /** Further host names under which the server may be called. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Largest body that is taken, in bytes. @defaultValue 32 MiB */
  readonly maxBodyBytes?: number | undefined;
  /** Called with each body that is sent, before it is checked, and with its call, such as `POST /traces`. */
  readonly onBody?: ((call: string, body: unknown) => void) | undefined;
}

/** A running server. */
export interface LocalServer {
  /** Such as `http://127.0.0.1:7263`: the `endpoint` option of an SDK, and the address of the viewer. */
  readonly url: string;
  readonly port: number;
  /** `node:sqlite` or `libsql`. */
  readonly engine: string;
  /** The project that got a trace last; undefined while there is none. */
  lastProject(): string | undefined;
  /** Number of open connections. That of a page stays open while the page is. */
  connections(): Promise<number>;
  /** Answers the current requests, for at most two seconds, then closes the database. */
  close(): Promise<void>;
}

/** The port when none is given. */
export const defaultPort = 7263;
const closeMs = 2000;

/**
 * Starts a server that answers the backend's write and read calls and shows the viewer.
 *
 * @throws LocalFailure if the file or the port cannot be used
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const host = options.host ?? '127.0.0.1';
  const onlyHere = isLoopback(host);
  if (!onlyHere && options.key === undefined) {
    throw new LocalFailure('usage', `Listening on ${host} lets others in: give a key with --key that they must send.`);
  }
  const gate: GateSettings = {
    key: options.key,
    hosts: [host, ...(options.allowedHosts ?? [])].map((name) => name.toLowerCase()),
    anyAddress: !onlyHere,
  };
  const store = await Store.open(options.path);
  const events = new Events(store);
  const log = createLog({ debug: false });
  const startedAt = formatTime(Date.now() * 1000);
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void respond(request, response).then((given) => given !== undefined && send(request, response, given));
  });

  /** Answers a request; undefined if the answer is a stream that goes on. */
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    try {
      return checkOrigin(request, gate) ?? (await handle(request, response));
    } catch (error) {
      if (error instanceof AnswerError) return error.answer;
      if (request.destroyed && !request.complete) return undefined; // cut by the sender
      // A value that is nested deeper than the stack can be parsed, but not written.
      if (error instanceof RangeError && error.message.includes('call stack'))
        return invalid([{ field: '', message: 'The body is nested too deeply' }]);
      const fault = databaseFault(error, options.path);
      if (fault !== undefined) {
        const way = 'Save what can be read with "pandaprobe-ts export", and start with another file: --file <file>.';
        log.error(fault, `${fault} ${way}`);
        return refusal(500, `${fault} ${way}`);
      }
      const reason = errorText(error);
      process.stderr.write(`[pandaprobe] ${request.method} failed: ${reason}\n`);
      return refusal(500, 'Internal server error');
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    const method = request.method ?? '';
    if (request.url?.startsWith('/') !== true) return refusal(404, 'Not Found');
    const url = new URL(`http://local${request.url}`);
    if (url.pathname.startsWith('/local/')) return handleLocal(request, response, url);
    if (url.pathname === '/health') return answer(200, { status: 'healthy' });
    if (isOtlp(url.pathname)) return handleOtlp(request, url.pathname);
    const match = matchRoute(method, url.pathname);
    const plain = url.pathname.replace(/\/+$/, '');
    if (match.kind === 'unknown' && plain !== url.pathname && matchRoute(method, plain).kind !== 'unknown') {
      return { status: 307, headers: { Location: plain + url.search } };
    }
    if (match.kind === 'unknown' && (method === 'GET' || method === 'HEAD')) {
      const file = await viewerFile(options.viewerFolder, url.pathname, request.headers['if-none-match']);
      return file ?? refusal(404, 'Not Found');
    }
    if (match.kind === 'unknown') return refusal(404, 'Not Found');
    if (match.kind === 'wrong-method') return refusal(405, 'Method Not Allowed', { Allow: match.allowed.join(', ') });
    const fault = checkKey(request, gate);
    if (fault !== undefined) return fault;
    if (match.kind === 'unsupported') {
      return refusal(
        501,
        `The local server has no ${method} ${url.pathname}: it needs the platform. See docs/local-server.md.`,
      );
    }
    const bytes = await bytesOf(request);
    const project = projectOf(request, store, bytes !== undefined);
    const { text, body } = contentOf(request, bytes);
    if (bytes !== undefined) options.onBody?.(match.call, body);
    return match.handler({ store, project, path: match.path, params: url.searchParams, text, body });
  }

  /** The bytes of a request's body; undefined if the method has no body. */
  async function bytesOf(request: IncomingMessage): Promise<Buffer | undefined> {
    if (request.method !== 'POST' && request.method !== 'PATCH') return undefined;
    return readBytes(request, options.maxBodyBytes ?? defaultMaxBodyBytes);
  }

  /** Answers an OTLP request. Exporters send no key, so one is required only if the server was started with a key. */
  function handleOtlp(request: IncomingMessage, path: string): Answer | Promise<Answer> {
    const fault = gate.key === undefined ? undefined : checkKey(request, gate);
    return fault ?? otlpCall(request, path, store, options.maxBodyBytes);
  }

  /** Answers the calls of the viewer and the command line that the backend does not have. */
  async function handleLocal(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<Answer | undefined> {
    const call = `${request.method} ${url.pathname}`;
    if (call === 'GET /local/info') {
      return answer(200, {
        name: 'pandaprobe-ts',
        version: VERSION,
        started_at: startedAt,
        needs_key: gate.key !== undefined,
      });
    }
    // These calls are for this machine only. So a key is required only if the server was started with one.
    const fault = gate.key === undefined ? undefined : checkKey(request, gate);
    if (fault !== undefined) return fault;
    if (call === 'GET /local/events') {
      events.open(request, response, url.searchParams.get('project') ?? undefined);
      return undefined;
    }
    const handler = Object.hasOwn(localCalls, call) ? localCalls[call] : undefined;
    if (handler === undefined) return noLocalCall(url.pathname);
    const bytes = await bytesOf(request);
    const project = withoutProject.has(call) ? noProject : projectOf(request, store, call === writingCall);
    return handler({ store, project, path: {}, params: url.searchParams, ...contentOf(request, bytes) });
  }

  let takeMarkAway = () => {};
  async function close(): Promise<void> {
    takeMarkAway();
    events.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), closeMs);
    await closed;
    clearTimeout(timer);
    store.close();
  }

  try {
    await listen(server, options.port ?? defaultPort, host);
  } catch (error) {
    events.close();
    store.close();
    throw listenFailure(error, options.port ?? defaultPort, host);
  }
  const { port } = server.address() as AddressInfo; // a TCP server's address
  takeMarkAway = leaveMark(port);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url,
    port,
    engine: store.database.engine,
    lastProject: () => store.projects.list()[0]?.name,
    connections: () => promisify(server.getConnections.bind(server))(),
    close,
  };
}

function contentOf(request: IncomingMessage, bytes: Buffer | undefined) {
  return bytes === undefined ? { text: '', body: undefined } : parseBody(bytes, request.headers['content-type']);
}

function send(request: IncomingMessage, response: ServerResponse, { status, body, headers }: Answer): void {
  const given = request.headers['x-request-id'];
  response.writeHead(status, {
    ...(body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
    'Cache-Control': 'no-store',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-ID': typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : newId(),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function listen(server: http.Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function listenFailure(error: unknown, port: number, host: string): LocalFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EADDRINUSE') {
    return new LocalFailure('portTaken', `Port ${port} on ${host} is taken. Choose another with --port.`, {
      cause: error,
    });
  }
  const reason = errorText(error);
  return new LocalFailure('failed', `Cannot listen on ${host}, port ${port}: ${reason}`, { cause: error });
}
