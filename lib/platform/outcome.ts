import { errorName } from '../common/error-text.js';
import { wallMs } from '../common/real-time.js';
import { PlatformError, temporaryFailure, UnknownOutcomeError } from './errors.js';
import type { TimeLimit } from './time-limit.js';

export type HttpMethod = 'GET' | 'POST' | 'DELETE';

/** One call. */
export interface PlatformCall {
  readonly method: HttpMethod;
  readonly url: URL;
  readonly body: string | undefined;
  /** For messages, such as `GET /traces`. */
  readonly what: string;
}

/** Statuses below 500 after which a read is tried again. */
const temporary = new Set([408, 429]);
/** Unlike all other statuses from 500 on, this one is no passing fault, and says that nothing was changed. */
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

/** The outcome of one attempt. A read is tried again only if its error is marked as temporary. */
export type Outcome =
  | { readonly kind: 'body'; readonly body: unknown }
  | {
      readonly kind: 'failed';
      readonly retryAfterMs: number | undefined;
      readonly error: PlatformError;
    };

/** A request's id and the status of its answer, for errors. */
interface Asked {
  readonly requestId: string;
  readonly status: number | undefined;
}

/**
 * The outcome without an answer (no `status`), or with one that was cut off.
 * @throws UnknownOutcomeError if a change may have been carried out; else the signal's reason, or a PlatformError when the time is over
 */
export function withoutAnswer(
  { method, url, what }: PlatformCall,
  limit: TimeLimit,
  error: unknown,
  asked: Asked,
): Outcome {
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

/**
 * The outcome with an answer.
 * @throws UnknownOutcomeError if a change may have been carried out, and PlatformError if the answer is not the platform's
 */
export function answered(call: PlatformCall, response: Response, text: string, asked: Asked, apiKey: string): Outcome {
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
