import { errorText } from '../../common/error-text.js';
import { guardCallback } from '../../common/guard-callback.js';
import type { Log } from '../../common/log.js';
import type { EstimateCost } from '../../config/options.js';
import type { CapturedSpan, JsonText } from '../../model/records.js';
import { costJson } from '../../model/usage.js';

/**
 * Returns the record with an estimated cost for each finished model call that has none, computed by the user's function. If that
 * throws or returns something else than a cost, that is logged.
 *
 * @param parse - makes objects of the user's realm
 */
export function withEstimatedCosts<T extends { readonly spans: readonly CapturedSpan[] }>(
  record: T,
  estimate: EstimateCost,
  log: Log,
  parse: typeof JSON.parse,
): T {
  if (!record.spans.some(isToBeEstimated)) return record;
  return {
    ...record,
    spans: record.spans.map((span) => {
      const cost = isToBeEstimated(span) ? estimatedCost(span, estimate, log, parse) : undefined;
      return cost === undefined ? span : { ...span, cost };
    }),
  };
}

type CountedCall = CapturedSpan & { readonly model: string; readonly tokenUsage: JsonText };

/**
 * Whether the cost of a span is estimated. Only model calls: the counts of an agent's span are the sum of its calls, and would be
 * charged twice.
 */
function isToBeEstimated(span: CapturedSpan): span is CountedCall {
  const { kind, model, tokenUsage, cost, call } = span;
  const isCall = (kind === 'LLM' || kind === 'EMBEDDING') && call?.isPaidAbove !== true;
  return isCall && model !== undefined && tokenUsage !== undefined && cost === undefined;
}

function estimatedCost(
  { model, tokenUsage, call, startedAt }: CountedCall,
  estimate: EstimateCost,
  log: Log,
  parse: typeof JSON.parse,
): JsonText | undefined {
  let json: JsonText | undefined;
  guardCallback(
    () => {
      const given: unknown = estimate(
        model,
        parse(tokenUsage),
        Object.assign(parse('{}'), call, { startedAt, debug: log.debug }),
      );
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
