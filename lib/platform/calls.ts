import { errorName } from '../common/error-text.js';
import { newId } from '../common/ids.js';
import { wallMs } from '../common/real-time.js';
import { withoutLogin } from '../common/url-login.js';
import { VERSION } from '../common/version.js';
import { isTemporary, PlatformError, temporaryFailure, UnknownOutcomeError } from './errors.js';
import { checkMs, TimeLimit } from './time-limit.js';

/** The time limit and the signal of one call. */
export interface CallOptions {
  /** Longest time for the call with its retries, in milliseconds. @defaultValue the client's `timeoutMs`, 30,000 */
  readonly timeoutMs?: number | undefined;
  /**
   * Aborts the call. A read then rejects with the signal's reason; a change that was already sent, with an {@link
   * UnknownOutcomeError}.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Where calls go, and how often a read is tried. */
interface CallSettings {
  readonly endpoint: string;
  readonly apiKey: string;
  readonly projectName: string;
  readonly timeoutMs: number;
  readonly readAttempts: number;
  readonly fetch: typeof globalThis.fetch;
}

/** Query parameters: undefined ones are left out, a list becomes one parameter for each entry. */
type CallParams = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

type HttpMethod = 'GET' | 'POST' | 'DELETE';

interface PlatformCall {
  readonly method: HttpMethod;
  readonly url: URL;
  readonly body: string | undefined;
  /** For messages, such as `GET /traces`. */
  readonly what: string;
}

/** Statuses below 500 after which a read is tried again. */
const temporary = new Set([408, 429]);
/** The only status from 500 on that does not pass, and says that nothing was changed: the call is not implemented. */
const notImplemented = 501;
/**
 * Codes of connection errors after which no byte of the request was sent. Source: Node, *Common system errors*; undici, *Errors*.
 */
const unsent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const firstWaitMs = 250;
const longestWaitMs = 5000;
/** Longest `Retry-After` that is waited for, in milliseconds. */
const longestAskedMs = 30_000;

/**
 * Makes the platform's calls. Only reads are tried again. It uses the global `fetch`, not delivery's transport, because bodies
 * may have any length here, calls can be aborted by a signal, and the program waits for them.
 */
export class Calls {
  readonly #settings: CallSettings;
  /** Where calls go, without user and password, and the header that has these. */
  readonly #target: ReturnType<typeof withoutLogin>;

  constructor(settings: CallSettings) {
    this.#settings = settings;
    this.#target = withoutLogin(settings.endpoint);
  }

  get timeoutMs(): number {
    return this.#settings.timeoutMs;
  }

  /** Makes a read. @returns the answer's body */
  get(path: string, params: CallParams, options: CallOptions | undefined): Promise<unknown> {
    return this.#run('GET', path, params, undefined, options);
  }

  /** Makes a call that changes something. @returns the answer's body; undefined for a 204 */
  change(method: 'POST' | 'DELETE', path: string, params: CallParams, body: unknown, options: CallOptions | undefined) {
    return this.#run(method, path, params, body === undefined ? undefined : JSON.stringify(body), options);
  }

  async #run(
    method: HttpMethod,
    path: string,
    params: CallParams,
    body: string | undefined,
    options: CallOptions = {},
  ) {
    const timeoutMs = options.timeoutMs ?? this.#settings.timeoutMs;
    checkMs('timeoutMs', timeoutMs);
    const url = new URL(`${this.#target.url.replace(/\/+$/, '')}${path}`);
    for (const [name, value] of Object.entries(params)) {
      for (const each of Array.isArray(value) ? value : [value]) {
        if (each !== undefined) url.searchParams.append(name, String(each));
      }
    }
    const call = { method, url, body, what: `${method} ${path}` };
    const limit = new TimeLimit(timeoutMs, options.signal);
    try {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await this.#attempt(call, limit);
        if (outcome.kind === 'body') return outcome.body;
        const isLast = method !== 'GET' || !isTemporary(outcome.error) || attempt >= this.#settings.readAttempts;
        const waitMs = outcome.retryAfterMs ?? Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)) * jitter();
        if (isLast || waitMs > longestAskedMs || waitMs >= limit.leftMs()) throw outcome.error;
        await limit.pause(waitMs);
      }
    } finally {
      limit.clear();
    }
  }

  /** @throws the signal's reason, a PlatformError when the time is over, or an UnknownOutcomeError */
  async #attempt(call: PlatformCall, limit: TimeLimit): Promise<Attempt> {
    limit.check(call.what);
    const requestId = newId();
    let response: Response | undefined;
    let text: string;
    try {
      response = await this.#send(call, requestId, limit.signal);
      text = await response.text();
    } catch (error) {
      return withoutAnswer(call, limit, error, { requestId, status: response?.status });
    }
    return answered(call, response, text, { requestId, status: response.status }, this.#settings.apiKey);
  }

  #send({ method, url, body }: PlatformCall, requestId: string, signal: AbortSignal): Promise<Response> {
    const { fetch, apiKey, projectName } = this.#settings; // called without an object: Workers throw "illegal invocation" otherwise
    return fetch(url, {
      method,
      redirect: 'manual', // the key must go only to the endpoint
      signal,
      headers: {
        ...this.#target.headers,
        'X-API-Key': apiKey,
        'X-Project-Name': projectName,
        'X-Request-ID': requestId,
        'User-Agent': `pandaprobe-ts/${VERSION}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
  }
}

/** The outcome of one attempt. A read is tried again only if its error is marked as temporary. */
type Attempt =
  | { readonly kind: 'body'; readonly body: unknown }
  | {
      readonly kind: 'failed';
      readonly retryAfterMs: number | undefined;
      readonly error: PlatformError;
    };

/** The request, and the status of its answer, for errors. */
interface Asked {
  readonly requestId: string;
  readonly status: number | undefined;
}

/** The outcome without an answer (no `status`), or with one that was cut off. @throws as `#attempt` */
function withoutAnswer({ method, url, what }: PlatformCall, limit: TimeLimit, error: unknown, asked: Asked): Attempt {
  const { requestId, status } = asked;
  const code = codeOf(error);
  const isUnchanged = status === undefined ? code !== undefined && unsent.has(code) : isRefused(status);
  if (method !== 'GET' && !isUnchanged) throw unknownOutcome(what, limit.isOver ? limit.reason : error, asked);
  limit.check(what, requestId);
  const why =
    status === undefined ? `no answer from ${url.origin} (${code ?? errorName(error)})` : 'the answer was cut off';
  const failure = temporaryFailure(new PlatformError(`${what}: ${why}`, asked));
  return { kind: 'failed', retryAfterMs: undefined, error: failure };
}

/** The outcome with an answer. @throws as `#attempt` */
function answered(call: PlatformCall, response: Response, text: string, asked: Asked, apiKey: string): Attempt {
  const { method, what } = call;
  const { status, ok, headers } = response;
  if (status === 204) return { kind: 'body', body: undefined };
  const parsed = ok ? parseJson(text) : undefined;
  if (parsed !== undefined) return { kind: 'body', body: parsed.value };
  if (method !== 'GET' && !isRefused(status)) throw unknownOutcome(what, undefined, asked);
  if (ok) throw new PlatformError(`${what}: expected JSON, got something else; is this address the platform?`, asked);
  const error = new PlatformError(`${what}: the platform answered ${status}${detailOf(text, apiKey)}`, asked);
  if (temporary.has(status) || (status >= 500 && status !== notImplemented)) temporaryFailure(error);
  return { kind: 'failed', retryAfterMs: retryAfterMs(headers.get('retry-after')), error };
}

/** Whether the answer says that nothing was changed. */
function isRefused(status: number): boolean {
  return (status >= 300 && status < 500 && status !== 408) || status === notImplemented;
}

function unknownOutcome(what: string, cause: unknown, { requestId, status }: Asked): UnknownOutcomeError {
  const came = status === undefined ? 'no answer came' : `the answer was ${status}`;
  const message = `${what}: ${came}, so it may have been carried out or not; look before you repeat it`;
  // The message of fetch's error is left out, because it may contain the URL with its parameters.
  return new UnknownOutcomeError(message, { status, requestId, cause: cause instanceof TypeError ? undefined : cause });
}

/** Why a connection failed, such as `ECONNREFUSED`. */
function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string') return code;
    if (at instanceof AggregateError && at.errors[0] instanceof Error) return codeOf(at.errors[0]);
  }
  return undefined;
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** The reason in the body of a refusal, without the key. */
function detailOf(text: string, key: string): string {
  const body = parseJson(text)?.value;
  if (typeof body !== 'object' || body === null || !('detail' in body)) return '';
  const errors =
    'errors' in body && Array.isArray(body.errors) ? (body.errors as { field?: unknown; message?: unknown }[]) : [];
  const parts = [body.detail, ...errors.map((each) => `${each?.field}: ${each?.message}`)].map((part) =>
    typeof part === 'string' ? part : JSON.stringify(part),
  );
  return `: ${parts.join('; ').replaceAll(key, '…').slice(0, 500)}`;
}

/** Source: RFC 9110, *Retry-After*: seconds or a date. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - wallMs();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function jitter(): number {
  return 0.5 + Math.random() / 2;
}
