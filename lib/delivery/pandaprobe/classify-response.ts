import type { TransportAnswer } from '../http/transport.js';
import { excerptOf, shown } from '../text/excerpt.js';
import { isObject, parse } from '../text/json.js';
import type { Redact } from '../text/redact.js';
import type { Obstacle } from '../wire/obstacle.js';
import { saysQuota } from './quota.js';

/** What a response means. `repair`: 413 or 422, change the body and send it again. */
export type Outcome =
  | { readonly kind: 'accepted' }
  | {
      readonly kind: 'repair';
      readonly status: 413 | 422;
      readonly detail: string;
      readonly complaints: readonly Complaint[];
    }
  | { readonly kind: 'refused'; readonly status: number; readonly detail: string }
  | ({ readonly kind: 'retry'; readonly mayHaveArrived: boolean; readonly mayBeTooMuch: boolean } & Obstacle);

/** The calls of the backend. `lookup`: reads a trace or lists scores. */
export type RequestKind = 'trace' | 'spans' | 'score' | 'lookup';

/** The call that was answered, and the trace it is about. */
interface AskedCall {
  readonly call: RequestKind;
  readonly traceId: string;
  /** A receiver of OTLP refuses in protobuf or plain text; the backend always in JSON. */
  readonly isOtlp?: boolean;
}

/** Statuses that say that the request took too long. Source: RFC 9110, 408 and 504; Cloudflare, 524. */
const tooSlow = new Set([408, 504, 524]);

/**
 * Classifies a response. Source: backend-contract.md, *Answers*.
 * @param now - milliseconds since the epoch, for dates in `Retry-After`
 */
export function classify(asked: AskedCall, answer: TransportAnswer, now: number, redact: Redact): Outcome {
  const { call } = asked;
  const { requestId } = answer;
  if (answer.kind === 'none') {
    const { what, status, isBlocked, mayHaveArrived, mayBeTooMuch } = answer;
    const cause = isBlocked === true ? 'blocked' : 'fault';
    return { kind: 'retry', cause, status, detail: `${what}, request ${requestId}`, mayHaveArrived, mayBeTooMuch };
  }
  const { status, text } = answer;
  const words = () => excerptOf(text, redact);
  const describe = (what: string, said: string) => `HTTP ${status}${what}${said && ` (${said})`}, request ${requestId}`;
  const retry = { kind: 'retry', status, mayHaveArrived: false, mayBeTooMuch: false } as const;
  if (status >= 200 && status < 300) {
    const found = acknowledgement(asked, answer);
    if (found.isGiven) return { kind: 'accepted' };
    const detail = describe(` ${found.lack}`, answer.ending === 'cut' ? '' : words());
    // The part that was cut off may have made it an acknowledgement.
    const isCut = answer.ending === 'cut';
    return { ...retry, cause: isCut ? 'fault' : 'blocked', detail, mayHaveArrived: isCut };
  }
  const to = answer.location === undefined ? '' : ` to ${shown(withoutQuery(answer.location), mostOfLocation, redact)}`;
  const detail = describe(to, words());
  const blocked = { ...retry, cause: 'blocked', detail } as const;
  switch (status) {
    case 401:
    case 403:
    case 407:
    case 415: // a receiver of OTLP that takes the other encoding only, or another server
      return blocked;
    case 413:
    case 422:
      return { kind: 'repair', status, detail, complaints: complaints(text) };
    case 402:
      return { ...retry, cause: 'quota', detail };
    case 429:
      if (saysQuota(text)) return { ...retry, cause: 'quota', detail };
      return { ...retry, cause: 'rate', detail, retryAfterMs: retryAfterMs(answer.retryAfter, now) };
    case 404:
    case 405:
      // A backend takes a trace under any circumstances, so this is another server.
      return call === 'trace' ? blocked : { ...retry, cause: 'absent', isVague: false, detail };
    case 500:
      // The backend answers so when the trace of a score is not stored yet (its foreign key is missing).
      if (call === 'score') return { ...retry, cause: 'absent', isVague: true, detail };
      break;
    default:
  }
  if (status >= 300 && status < 400) return blocked;
  if (status >= 400 && status < 500 && status !== 408 && status !== 425) {
    // Anything else is from another server or from a proxy, and may pass.
    const isInForm = asked.isOtlp === true ? answer.contentType !== 'text/html' : isObject(parse(text));
    const isBackend = status === 409 || call === 'lookup' || isInForm;
    return isBackend ? { kind: 'refused', status, detail } : { ...retry, cause: 'fault', detail };
  }
  const wait = status === 503 ? retryAfterMs(answer.retryAfter, now) : undefined;
  if (wait !== undefined) return { ...retry, cause: 'rate', detail, retryAfterMs: wait, mayHaveArrived: true };
  return { ...retry, cause: 'fault', detail, mayHaveArrived: true, mayBeTooMuch: tooSlow.has(status) };
}

/** Most characters of a redirect's target in the log. */
const mostOfLocation = 100;

/** Without the query, in which the address of a login page carries the way back and more. */
function withoutQuery(location: string): string {
  return location.replace(/[?#].*$/s, '');
}

/** Longest `Retry-After` that is obeyed, in milliseconds: an hour. */
const longestRetryAfterMs = 3_600_000;
/** Shortest `Retry-After`, in milliseconds. Less, or a time in the past, would be no wait at all. */
const shortestRetryAfterMs = 1000;

/**
 * `Retry-After` (seconds or an HTTP date) in milliseconds; undefined if it cannot be obeyed, so that the pace's own back-off counts.
 * Source: RFC 9110, section 10.2.3.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const said = header?.trim() ?? '';
  const ms = /^[-+.\d]/.test(said) ? Number(said) * 1000 : Date.parse(said) - now;
  return ms >= shortestRetryAfterMs ? Math.min(ms, longestRetryAfterMs) : undefined;
}

/** A complaint of a 422. Source: backend-contract.md, *Validation error*. */
export interface Complaint {
  /** Such as `spans -> 3 -> name`. */
  readonly field: string;
  readonly message: string;
}

/** The complaints in the body of a 422; empty if the body has another form. */
function complaints(text: string): Complaint[] {
  const body = parse(text);
  const errors = isObject(body) ? body.errors : undefined;
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((error: unknown) =>
    isObject(error) && typeof error.field === 'string'
      ? [{ field: error.field, message: typeof error.message === 'string' ? error.message : '' }]
      : [],
  );
}

/** Whether a response with a 2xx acknowledges the body; if not, what it lacks, for the log. */
type Acknowledgement = { readonly isGiven: true } | { readonly isGiven: false; readonly lack: string };

const given: Acknowledgement = { isGiven: true };
const lacking = (lack: string): Acknowledgement => ({ isGiven: false, lack });

/** The status of the backend, and those that a compatible backend may answer. */
const acknowledging = new Set([200, 201, 202]);

/**
 * Reads a response with a 2xx. A captive portal, a login page or another server answers 200 to everything, so the status is not
 * enough: an acknowledgement is a JSON object without an error and without the id of another trace. Source: backend-contract.md,
 * *Acknowledgement*.
 */
function acknowledgement({ call, traceId }: AskedCall, answer: TransportAnswer & { kind: 'answer' }): Acknowledgement {
  const { status, contentType, ending } = answer;
  const text = answer.text.replace(/^\ufeff/, '').trim();
  const type = contentType === '' ? 'without a type' : contentType;
  if (ending === 'cut') return lacking('cut short');
  // The response is longer than is read, so only its type and its first character can be checked.
  if (ending === 'long' && isJson(contentType) && text.startsWith('{') && acknowledging.has(status)) return given;
  if (text === '') return lacking('with an empty body instead of JSON');
  const body = parse(text);
  if (call === 'lookup' && Array.isArray(body)) return given;
  if (!isObject(body)) return lacking(`with ${type} instead of a JSON object`);
  if (!acknowledging.has(status)) return lacking('that is no acknowledgement');
  if (call === 'lookup') return given;
  const answered = body.trace_id ?? body.traceId;
  if (typeof answered === 'string') return isSame(answered, traceId) ? given : lacking('about another trace');
  return tellsOfFailure(body) ? lacking('that tells of an error') : given;
}

function isJson(contentType: string): boolean {
  return /^application\/([\w.-]+\+)?json$/.test(contentType);
}

function isSame(one: string, other: string): boolean {
  const digits = (id: string) => id.replaceAll('-', '').toLowerCase();
  return digits(one) === digits(other);
}

/** Whether a gateway reports an error in the body of a 200. */
function tellsOfFailure(body: Record<string, unknown>): boolean {
  const { error, errors, detail, success, ok, status } = body;
  if (success === false || ok === false) return true;
  if (typeof status === 'string' && /^(error|fail)/i.test(status)) return true;
  if (typeof status === 'number' && status >= 400) return true;
  if (Array.isArray(errors) ? errors.length > 0 : Boolean(errors)) return true;
  return Boolean(error) || typeof detail === 'string';
}
