import { errorText } from '../../common/error-text.js';
import { guardCallback } from '../../common/guard-callback.js';
import type { Log } from '../../common/log.js';
import type { EstimateCost } from '../../config/options.js';
import type { CapturedSpan, JsonText } from '../../model/records.js';
import { costJson } from '../../model/usage.js';

/**
 * The record with a cost in each finished model call that has none, by the user's own function. What that throws, or
 * gives that is no cost, is logged and goes no further.
 */
export function withEstimatedCosts<T extends { readonly spans: readonly CapturedSpan[] }>(
  record: T,
  estimate: EstimateCost,
  log: Log,
): T {
  if (!record.spans.some(isToBeEstimated)) return record;
  return {
    ...record,
    spans: record.spans.map((span) => {
      const cost = isToBeEstimated(span) ? estimatedCost(span, estimate, log) : undefined;
      return cost === undefined ? span : { ...span, cost };
    }),
  };
}

type CountedCall = CapturedSpan & { readonly model: string; readonly tokenUsage: JsonText };

/** Only the calls themselves: a count on an agent's span is a sum of theirs, and would be paid for twice. */
function isToBeEstimated(span: CapturedSpan): span is CountedCall {
  const { kind, model, tokenUsage, cost, call } = span;
  const isCall = (kind === 'LLM' || kind === 'EMBEDDING') && call?.isPaidAbove !== true;
  return isCall && model !== undefined && tokenUsage !== undefined && cost === undefined;
}

function estimatedCost(
  { model, tokenUsage, call, startedAt }: CountedCall,
  estimate: EstimateCost,
  log: Log,
): JsonText | undefined {
  let json: JsonText | undefined;
  guardCallback(
    () => {
      const given: unknown = estimate(model, JSON.parse(tokenUsage), { ...call, startedAt, debug: log.debug });
      if (given === undefined || given === null) return;
      const cost = typeof given === 'number' ? { total: given } : given;
      json = costJson(cost, log);
      if (json === undefined) {
        const got = typeof given === 'number' ? given : `a value of type ${typeof given}`;
        log.warn('estimateCost', `expected finite numbers from 0 up from estimateCost, got ${got}; left out`);
      }
      return given; // an async function may fail later
    },
    (fault) => log.warn('estimateCost threw', `estimateCost threw; the cost is left out: ${errorText(fault)}`),
  );
  return json;
}
