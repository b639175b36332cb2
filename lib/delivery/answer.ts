import { isObject, parse } from './parsed.js';
import type { Obstacle } from './protocol.js';
import { saysQuota } from './quota.js';

/** What the transport brings back: an answer, or none. */
export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** The body, cut, without our key; empty for a success. */
      readonly text: string;
      readonly requestId: string;
    }
  | {
      readonly kind: 'none';
      /** Such as `ECONNREFUSED`. */
      readonly code: string;
      /** Whether the backend may have got the request. */
      readonly mayHaveArrived: boolean;
      readonly requestId: string;
    };

/** What an answer means. `repair`: 413 or 422, change the body and send again. */
export type Verdict =
  | { readonly kind: 'accepted' }
  | {
      readonly kind: 'repair';
      readonly status: 413 | 422;
      readonly detail: string;
      readonly complaints: readonly Complaint[];
    }
  | { readonly kind: 'refused'; readonly status: number; readonly detail: string }
  | ({ readonly kind: 'retry'; readonly mayHaveArrived: boolean } & Obstacle);

/** Which call was answered. */
export type Call = 'trace' | 'spans' | 'score';

/** Reads an answer. Source: contract, *Answers*. `now` in milliseconds since the epoch, for `Retry-After` dates. */
export function judge(call: Call, answer: Answer, now: number): Verdict {
  if (answer.kind === 'none') {
    const detail = `${answer.code}, request ${answer.requestId}`;
    return { kind: 'retry', cause: 'fault', status: undefined, detail, mayHaveArrived: answer.mayHaveArrived };
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  const detail = describe(answer.text, status, answer.requestId);
  const retry = { kind: 'retry', status, detail, mayHaveArrived: false } as const;
  switch (status) {
    case 401:
    case 403:
      return { ...retry, cause: 'blocked' };
    case 413:
    case 422:
      return { kind: 'repair', status, detail, complaints: complaints(answer.text) };
    case 402:
      return { ...retry, cause: 'quota' };
    case 429:
      if (saysQuota(answer.text)) return { ...retry, cause: 'quota' };
      return { ...retry, cause: 'rate', retryAfterMs: retryAfterMs(answer.retryAfter, now) };
    case 408:
    case 425:
      return { ...retry, cause: 'fault', mayHaveArrived: true };
    case 404:
    case 405:
      // A trace needs nothing to be there first: this is not the backend.
      return { ...retry, cause: call === 'trace' ? 'blocked' : 'absent' };
    case 500:
      // The foreign key of a score whose trace is not stored yet.
      if (call === 'score') return { ...retry, cause: 'absent' };
      break;
    default:
  }
  const wait = retryAfterMs(answer.retryAfter, now);
  if (status === 503 && wait !== undefined)
    return { ...retry, cause: 'rate', retryAfterMs: wait, mayHaveArrived: true };
  if (status >= 500) return { ...retry, cause: 'fault', mayHaveArrived: true };
  if (status >= 300 && status < 400) return { ...retry, cause: 'blocked' };
  return { kind: 'refused', status, detail };
}

/** Longest `Retry-After` that is believed, in milliseconds: an hour. */
const longestRetryAfterMs = 3_600_000;

/** `Retry-After` in milliseconds: seconds or an HTTP date. Source: RFC 9110, section 10.2.3. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestRetryAfterMs);
}

/** A complaint of a 422. Source: contract, *Answers*. */
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

function describe(text: string, status: number, requestId: string): string {
  const body = parse(text);
  const said = isObject(body) ? (body.detail ?? body.error) : undefined;
  const [first] = complaints(text);
  const words = [
    typeof said === 'string' ? said : undefined,
    first === undefined ? undefined : `${first.field}: ${first.message}`,
  ].filter((word) => word !== undefined);
  return `HTTP ${status}${words.length > 0 ? ` (${words.join('; ').slice(0, 200)})` : ''}, request ${requestId}`;
}
