import { newId } from '../common/ids.js';
import { withoutLogin } from '../common/url-login.js';
import { VERSION } from '../common/version.js';
import { isTemporary } from './errors.js';
import { answered, type HttpMethod, type Outcome, type PlatformCall, withoutAnswer } from './outcome.js';
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
  async #attempt(call: PlatformCall, limit: TimeLimit): Promise<Outcome> {
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

function jitter(): number {
  return 0.5 + Math.random() / 2;
}
