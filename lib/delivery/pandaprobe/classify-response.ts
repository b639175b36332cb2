import type { Answer } from '../http/transport.js';
import { excerptOf, shown } from '../text/excerpt.js';
import { isObject, parse } from '../text/json.js';
import type { Redact } from '../text/redact.js';
import type { Obstacle } from '../wire/obstacle.js';
import { acknowledgement } from './acknowledgement.js';
import { saysQuota } from './quota.js';

/** What an answer means. `repair`: 413 or 422, change the body and send again. */
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

/** Which call was answered. */
export type Call = 'trace' | 'spans' | 'score' | 'look';

/** The call, and the trace it is about. */
export interface AskedCall {
  readonly call: Call;
  readonly traceId: string;
}

/** A request that took the backend, or what is in front of it, too long. Source: RFC 9110, 408 and 504; Cloudflare, 524. */
const tooSlow = new Set([408, 504, 524]);

/**
 * Reads an answer. Source: backend-contract.md, *Answers*. Every `retry` waits: none says that the next try may follow at once.
 * @param now - milliseconds since the epoch, for `Retry-After` dates
 */
export function classify({ call, traceId }: AskedCall, answer: Answer, now: number, redact: Redact): Outcome {
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
    const found = acknowledgement(call, traceId, answer);
    if (found.isGiven) return { kind: 'accepted' };
    const detail = describe(` ${found.lack}`, answer.ending === 'cut' ? '' : words());
    // What is cut may have been an acknowledgement.
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
      // A trace needs nothing to be there first: this is not the backend.
      return call === 'trace' ? blocked : { ...retry, cause: 'absent', isVague: false, detail };
    case 500:
      // The foreign key of a score whose trace is not stored yet.
      if (call === 'score') return { ...retry, cause: 'absent', isVague: true, detail };
      break;
    default:
  }
  if (status >= 300 && status < 400) return blocked;
  if (status >= 400 && status < 500 && status !== 408 && status !== 425) return { kind: 'refused', status, detail };
  const wait = status === 503 ? retryAfterMs(answer.retryAfter, now) : undefined;
  if (wait !== undefined) return { ...retry, cause: 'rate', detail, retryAfterMs: wait, mayHaveArrived: true };
  return { ...retry, cause: 'fault', detail, mayHaveArrived: true, mayBeTooMuch: tooSlow.has(status) };
}

/** Most of a redirect's target that is shown. */
const mostOfLocation = 100;

/** A login page's address carries where to come back to, and more. */
function withoutQuery(location: string): string {
  return location.replace(/[?#].*$/s, '');
}

/** Longest `Retry-After` that is believed, in milliseconds: an hour. */
const longestRetryAfterMs = 3_600_000;
/** Shortest, the least the header can say: less, or a time that has passed, would be no wait at all. */
const shortestRetryAfterMs = 1000;

/**
 * `Retry-After` in milliseconds: seconds or an HTTP date; undefined where it says nothing that can be kept to, so that the
 * pace's own back-off counts. Source: RFC 9110, section 10.2.3.
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

/** The complaints in a 422's body; none when it is something else. */
export function complaints(text: string): Complaint[] {
  const body = parse(text);
  const errors = isObject(body) ? body.errors : undefined;
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((error: unknown) =>
    isObject(error) && typeof error.field === 'string'
      ? [{ field: error.field, message: typeof error.message === 'string' ? error.message : '' }]
      : [],
  );
}
