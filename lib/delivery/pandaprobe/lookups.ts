import type { TransportAnswer } from '../http/transport.js';
import { isNullInCut, isObject, parse } from '../text/json.js';
import type { Outcome } from './classify-response.js';
import { placeholderOf } from './placeholder.js';

/*
 * Questions to the backend before something is sent that may be stored already, or that must not come before something else.
 */

/** Reads from the backend, and classifies the answer. */
export type LookUp = (path: string) => Promise<{ readonly answer: TransportAnswer; readonly outcome: Outcome }>;

/** The item has to be sent again later. */
export type Retry = Outcome & { readonly kind: 'retry' };

/** Why an item is not sent now, after a lookup. `delivered`: the backend has it already. */
export type Decision =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'refused'; readonly status: number | undefined; readonly detail: string }
  | Retry;

const sameFields = ['trace_id', 'name', 'value', 'data_type', 'source'] as const;

/**
 * Looks for a score that may be stored already, because a second one would be stored as well (backend-contract.md, *Repeats*). An
 * equal score of the same trace counts as the same.
 * @returns undefined if there is none, so that it must be sent
 */
export async function findScore(lookUp: LookUp, traceId: string, body: string): Promise<Decision | undefined> {
  const score = parse(body);
  if (!isObject(score)) return undefined;
  const query = `trace_id=${encodeURIComponent(traceId)}&name=${encodeURIComponent(String(score.name))}`;
  const { answer, outcome } = await lookUp(`/evaluations/trace-scores?${query}`);
  if (answer.kind === 'answer' && answer.status === 404) return undefined;
  if (isObstacle(outcome)) return { ...outcome, mayHaveArrived: true };
  const found = answer.kind === 'answer' ? parse(answer.text) : undefined;
  const items: unknown = isObject(found) ? found.items : found;
  if (outcome.kind === 'accepted' && Array.isArray(items)) {
    const isStored = items.some((item) => isObject(item) && sameFields.every((field) => item[field] === score[field]));
    return isStored ? { kind: 'delivered' } : undefined;
  }
  const detail = 'no answer came, and whether it was stored could not be seen; it was not sent twice';
  return { kind: 'refused', status: answer.kind === 'answer' ? answer.status : undefined, detail };
}

/**
 * For a trace that was sent while it was open: looks whether its end is stored. The backend takes late spans before that, too, but the
 * end would overwrite them (backend-contract.md, *Open traces*).
 * @returns undefined if late spans may be sent
 */
export async function checkTraceEnd(lookUp: LookUp, traceId: string): Promise<Decision | undefined> {
  const { answer, outcome } = await lookUp(pathOfTrace(traceId));
  // Also after a 404. The trace's beginning may be stored in a moment: then the backend would take the late spans before the end.
  if (outcome.kind === 'retry') return outcome;
  if (answer.kind !== 'answer' || outcome.kind !== 'accepted') return undefined;
  const found = parse(answer.text);
  // The answer of a large trace is cut, so it may be no JSON.
  const isOpen = isObject(found) ? (found.ended_at ?? null) === null : isNullInCut(answer.text, 'ended_at');
  return isOpen ? notYet('the end of its trace is not stored yet') : undefined;
}

/**
 * Makes a placeholder for the trace of these spans, which another process has not sent. If the trace is there after all, the spans
 * are tried again later.
 * @returns the body of the placeholder, with the spans in it
 */
export async function preparePlaceholder(lookUp: LookUp, traceId: string, spans: string): Promise<Decision | string> {
  const { outcome } = await lookUp(pathOfTrace(traceId));
  if (isObstacle(outcome)) return outcome;
  const placeholder = outcome.kind === 'accepted' ? undefined : placeholderOf(traceId, spans);
  return placeholder ?? notYet('its trace is not stored yet');
}

/** The item waits for its trace. */
function notYet(detail: string): Retry {
  const none = { mayHaveArrived: false, mayBeTooMuch: false };
  return { ...none, kind: 'retry', cause: 'absent', isVague: false, status: undefined, detail };
}

function isObstacle(outcome: Outcome): outcome is Retry {
  return outcome.kind === 'retry' && outcome.cause !== 'absent';
}

function pathOfTrace(traceId: string): string {
  return `/traces/${encodeURIComponent(traceId)}`;
}
