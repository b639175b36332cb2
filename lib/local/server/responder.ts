import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorText } from '../../common/error-text.js';
import { newId } from '../../common/ids.js';
import { createLog } from '../../common/log.js';
import { VERSION } from '../../common/version.js';
import { databaseFault } from '../store/database-fault.js';
import type { Store } from '../store/store.js';
import { formatTime } from '../wire/time.js';
import { type Answer, AnswerError, answer, invalid, refusal } from './answer.js';
import type { Events } from './events.js';
import { checkKey, checkOrigin, type GateSettings } from './gate.js';
import { localCalls, noLocalCall, withoutProject, writingCall } from './local-calls.js';
import { isOtlp, otlpCall } from './otlp-calls.js';
import { noProject, projectOf } from './project-of.js';
import { defaultMaxBodyBytes, parseBody, readBytes } from './request-body.js';
import { matchRoute } from './routes.js';
import { viewerFile } from './viewer-files.js';

/** Options of a server that its answers depend on. */
export interface ResponderOptions {
  /** The database file, or `:memory:`. */
  readonly path: string;
  /** Where the viewer's files are. */
  readonly viewerFolder: string;
  /** Largest body that is taken, in bytes. @defaultValue 32 MiB */
  readonly maxBodyBytes?: number | undefined;
  /** Called with each body that is sent, before it is checked, and with its call, such as `POST /traces`. */
  readonly onBody?: ((call: string, body: unknown) => void) | undefined;
}

/** Answers the requests of a server. */
export class Responder {
  readonly #options: ResponderOptions;
  readonly #gate: GateSettings;
  readonly #store: Store;
  readonly #events: Events;
  readonly #log = createLog({ debug: false });
  readonly #startedAt = formatTime(Date.now() * 1000);

  constructor(options: ResponderOptions, gate: GateSettings, store: Store, events: Events) {
    this.#options = options;
    this.#gate = gate;
    this.#store = store;
    this.#events = events;
  }

  async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = await this.#answer(request, response);
    if (given !== undefined) send(request, response, given);
  }

  /** The answer to a request; undefined if it is a stream that goes on, or the sender has cut the request. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    try {
      return checkOrigin(request, this.#gate) ?? (await this.#handle(request, response));
    } catch (error) {
      if (error instanceof AnswerError) return error.answer;
      if (request.destroyed && !request.complete) return undefined;
      // A value that is nested deeper than the stack can be parsed, but not written.
      if (error instanceof RangeError && error.message.includes('call stack'))
        return invalid([{ field: '', message: 'The body is nested too deeply' }]);
      return this.#failed(request, error);
    }
  }

  #failed(request: IncomingMessage, error: unknown): Answer {
    const fault = databaseFault(error, this.#options.path);
    if (fault !== undefined) {
      const way = 'Save what can be read with "pandaprobe-ts export", and start with another file: --file <file>.';
      this.#log.error(fault, `${fault} ${way}`);
      return refusal(500, `${fault} ${way}`);
    }
    process.stderr.write(`[pandaprobe] ${request.method} failed: ${errorText(error)}\n`);
    return refusal(500, 'Internal server error');
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    const method = request.method ?? '';
    if (request.url?.startsWith('/') !== true) return refusal(404, 'Not Found');
    const url = new URL(`http://local${request.url}`);
    if (url.pathname.startsWith('/local/')) return this.#handleLocal(request, response, url);
    if (url.pathname === '/health') return answer(200, { status: 'healthy' });
    if (isOtlp(url.pathname)) return this.#handleOtlp(request, url.pathname);
    const match = matchRoute(method, url.pathname);
    if (match.kind === 'unknown') return this.#handleUnknown(request, url);
    if (match.kind === 'wrong-method') return refusal(405, 'Method Not Allowed', { Allow: match.allowed.join(', ') });
    const fault = checkKey(request, this.#gate);
    if (fault !== undefined) return fault;
    if (match.kind === 'unsupported') {
      return refusal(
        501,
        `The local server has no ${method} ${url.pathname}: it needs the platform. See docs/local-server.md.`,
      );
    }
    const bytes = await this.#bytesOf(request);
    const project = projectOf(request, this.#store, bytes !== undefined);
    const { text, body } = contentOf(request, bytes);
    if (bytes !== undefined) this.#options.onBody?.(match.call, body);
    return match.handler({ store: this.#store, project, path: match.path, params: url.searchParams, text, body });
  }

  /** Answers a request that is no call: redirects it if it is one without the slash at its end, else it may be for the viewer. */
  async #handleUnknown(request: IncomingMessage, url: URL): Promise<Answer> {
    const method = request.method ?? '';
    const plain = url.pathname.replace(/\/+$/, '');
    if (plain !== url.pathname && matchRoute(method, plain).kind !== 'unknown') {
      return { status: 307, headers: { Location: plain + url.search } };
    }
    if (method !== 'GET' && method !== 'HEAD') return refusal(404, 'Not Found');
    const file = await viewerFile(this.#options.viewerFolder, url.pathname, request.headers['if-none-match']);
    return file ?? refusal(404, 'Not Found');
  }

  /** Answers an OTLP request. Exporters send no key, so one is required only if the server was started with a key. */
  #handleOtlp(request: IncomingMessage, path: string): Answer | Promise<Answer> {
    return this.#wrongKey(request) ?? otlpCall(request, path, this.#store, this.#options.maxBodyBytes);
  }

  /** Answers the calls of the viewer and the command line that the backend does not have. */
  async #handleLocal(request: IncomingMessage, response: ServerResponse, url: URL): Promise<Answer | undefined> {
    const call = `${request.method} ${url.pathname}`;
    if (call === 'GET /local/info') {
      return answer(200, {
        name: 'pandaprobe-ts',
        version: VERSION,
        started_at: this.#startedAt,
        needs_key: this.#gate.key !== undefined,
      });
    }
    const fault = this.#wrongKey(request);
    if (fault !== undefined) return fault;
    if (call === 'GET /local/events') {
      this.#events.open(request, response, url.searchParams.get('project') ?? undefined);
      return undefined;
    }
    const handler = Object.hasOwn(localCalls, call) ? localCalls[call] : undefined;
    if (handler === undefined) return noLocalCall(url.pathname);
    const bytes = await this.#bytesOf(request);
    const store = this.#store;
    const project = withoutProject.has(call) ? noProject : projectOf(request, store, call === writingCall);
    return handler({ store, project, path: {}, params: url.searchParams, ...contentOf(request, bytes) });
  }

  /** The refusal of a missing or wrong key, if the server was started with a key. For calls that the backend does not have. */
  #wrongKey(request: IncomingMessage): Answer | undefined {
    return this.#gate.key === undefined ? undefined : checkKey(request, this.#gate);
  }

  /** The bytes of a request's body; undefined if the method has no body. */
  async #bytesOf(request: IncomingMessage): Promise<Buffer | undefined> {
    if (request.method !== 'POST' && request.method !== 'PATCH') return undefined;
    return readBytes(request, this.#options.maxBodyBytes ?? defaultMaxBodyBytes);
  }
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
