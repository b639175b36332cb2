import type { ApiSpan, ApiTrace } from '../api/api.js';
import { costOf, durationOf, tokensOf } from '../api/figures.js';
import type { TraceListItem } from '../store/trace-list.js';
import { alignSteps, type StepPair } from './align-steps.js';

/** A span with its input and output. */
export interface WholeSpan extends ApiSpan {
  readonly input: unknown;
  readonly output: unknown;
  readonly model_parameters?: unknown;
}

/** A trace with its input and output. */
export interface WholeTrace extends ApiTrace {
  readonly input: unknown;
  readonly output: unknown;
  readonly spans: readonly WholeSpan[];
}

/** The fields that are compared in a step of both runs. Durations always differ. */
const differences = ['status', 'error', 'model', 'input', 'output', 'parameters', 'tokens', 'cost'] as const;
type Difference = (typeof differences)[number];

/** A step of both runs with its differences, or a step of one run. */
export interface ComparedStep extends StepPair<WholeSpan> {
  readonly change: 'same' | 'changed' | 'added' | 'removed';
  /** Empty unless it changed. */
  readonly differs: readonly Difference[];
}

/** The comparison of two runs. */
export interface Comparison {
  readonly first: WholeTrace;
  readonly second: WholeTrace;
  readonly steps: readonly ComparedStep[];
}

/** Compares two runs. */
export function compareRuns(first: WholeTrace, second: WholeTrace): Comparison {
  const steps = alignSteps(first.spans, second.spans).map((pair): ComparedStep => {
    if (pair.second === undefined) return { ...pair, change: 'removed', differs: [] };
    if (pair.first === undefined) return { ...pair, change: 'added', differs: [] };
    const differs = differencesOf(pair.first, pair.second);
    return { ...pair, change: differs.length === 0 ? 'same' : 'changed', differs };
  });
  return { first, second, steps };
}

/** The comparison as one JSON object. Inputs and outputs are those of the runs, not of their steps. */
export function comparisonJson({ first, second, steps }: Comparison): object {
  return {
    first: runOf(first),
    second: runOf(second),
    steps: steps.map((step) => ({
      change: step.change,
      differs: step.differs,
      depth: step.depth,
      first: step.first === undefined ? null : stepOf(step.first),
      second: step.second === undefined ? null : stepOf(step.second),
    })),
  };
}

function differencesOf(one: WholeSpan, other: WholeSpan): Difference[] {
  const of = (span: WholeSpan): Readonly<Record<Difference, unknown>> => ({
    status: span.status,
    error: span.error,
    model: span.model,
    input: span.input,
    output: span.output,
    parameters: span.model_parameters ?? null,
    tokens: tokensOf(span),
    cost: costOf(span),
  });
  const [before, after] = [of(one), of(other)];
  return differences.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

function runOf(trace: WholeTrace) {
  const { spans, metadata: _, ...rest } = trace;
  const item: Omit<TraceListItem, 'ended_at'> & object = {
    ...rest,
    latency_ms: durationOf(trace),
    span_count: spans.length,
  };
  return item;
}

function stepOf(span: WholeSpan) {
  const { span_id, name, kind, status, error, model, latency_ms } = span;
  return {
    ...{ span_id, name, kind, status, error, model, latency_ms },
    ...{ total_tokens: tokensOf(span), total_cost: costOf(span) },
  };
}
