import type { ApiSpan, ApiTrace } from './api.js';

/** Tokens of a span, in and out. */
export function tokensOf({ token_usage: usage }: ApiSpan): number {
  return numberOf(usage?.prompt_tokens) + numberOf(usage?.completion_tokens);
}

/** What a span cost, in dollars. */
export function costOf({ cost }: ApiSpan): number {
  return numberOf(cost?.total);
}

/** How long a trace took, in milliseconds; null while it is open. */
export function durationOf({ started_at: start, ended_at: end }: ApiTrace): number | null {
  return end === null ? null : Date.parse(end) - Date.parse(start);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
