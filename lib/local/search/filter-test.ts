import type { ApiSpan, ApiTrace } from '../api/api.js';
import { costOf, durationOf, tokensOf } from '../api/figures.js';
import type { FilterText, NumberLimit } from '../wire/filter-text.js';

/** Whether a whole trace fits a filter, for servers that cannot search. Source: `docs/viewer.md`, *Search*. */
export function traceFits(trace: ApiTrace, filter: FilterText): boolean {
  const { texts, limits } = filter;
  if (!namesFit(trace, filter) || !like(trace.name, texts.name)) return false;
  const status = texts.status?.map((each) => each.toUpperCase().replace(/^OK$/, 'COMPLETED'));
  if (!like(trace.status, status) || !within(trace.spans.length, limits.spans)) return false;
  if (!filter.words.every((word) => holds(trace, word.toLowerCase()))) return false;
  // With a kind, a model or an error, the limits apply to that step.
  if (texts.kind !== undefined || texts.model !== undefined || texts.error !== undefined)
    return trace.spans.some((span) => numbersFit(span, filter));
  return (
    within(durationOf(trace), limits.duration) &&
    within(trace.total_tokens ?? 0, limits.tokens) &&
    within(trace.total_cost ?? 0, limits.cost)
  );
}

/** The spans of a trace that match a filter. The words may be anywhere in the trace. */
export function fittingSpans(trace: ApiTrace, filter: FilterText): readonly ApiSpan[] {
  if (!namesFit(trace, filter) || !filter.words.every((word) => holds(trace, word.toLowerCase()))) return [];
  const { name, status } = filter.texts;
  return trace.spans.filter(
    (span) => like(span.name, name) && like(span.status, upper(status)) && numbersFit(span, filter),
  );
}

function namesFit(trace: ApiTrace, { texts, tags }: FilterText): boolean {
  return (
    like(trace.release, texts.release) &&
    like(trace.environment, texts.env) &&
    exactly(trace.user_id, texts.user) &&
    exactly(trace.session_id, texts.session) &&
    tags.every((tag) => trace.tags.includes(tag))
  );
}

function numbersFit(span: ApiSpan, { texts, limits }: FilterText): boolean {
  const said = (span.error ?? '').toLowerCase();
  return (
    like(span.kind, upper(texts.kind)) &&
    like(span.model, texts.model) &&
    (texts.error?.some((each) => said.includes(each.toLowerCase())) ?? true) &&
    within(span.latency_ms, limits.duration) &&
    within(tokensOf(span), limits.tokens) &&
    within(costOf(span), limits.cost)
  );
}

const upper = (texts: readonly string[] | undefined) => texts?.map((text) => text.toUpperCase());

/** Whether a value is one of the wanted ones; true if none are wanted. */
function like(value: string | null, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || (value !== null && wanted.some((each) => matches(value, each)));
}

/** Whether an id is one of the wanted ones, or matches a pattern with `*`; true if none are wanted. */
function exactly(id: string | null, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || wanted.some((each) => (each.includes('*') ? like(id, [each]) : id === each));
}

/** Whether a value equals a text, ignoring case, or matches a pattern with `*`. */
function matches(value: string, wanted: string): boolean {
  const parts = wanted.toLowerCase().split('*');
  const text = value.toLowerCase();
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return text === first;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** Whether a value is within all limits; an unknown value never is. */
function within(value: number | null, limits: readonly NumberLimit[] = []): boolean {
  return limits.every((limit) => {
    if (value === null) return false;
    if (limit.operator === '=') return value === limit.value;
    const isEqual = limit.operator.endsWith('=') && value === limit.value;
    return isEqual || (limit.operator.startsWith('<') ? value < limit.value : value > limit.value);
  });
}

/** Whether a text occurs in one of the values that a local server indexes, ignoring case. */
function holds(trace: ApiTrace, text: string): boolean {
  const { name, session_id, user_id, metadata, input, output, spans } = trace;
  // A list instead of recursion: values may be nested deeper than the stack.
  const todo: unknown[] = [name, session_id, user_id, metadata, input, output];
  for (const span of spans) todo.push(span.name, span.model, span.error, span.input, span.output, span.metadata);
  while (todo.length > 0) {
    const value = todo.pop();
    if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) todo.push(each);
    else if (isText(value) && String(value).toLowerCase().includes(text)) return true;
  }
  return false;
}

const isText = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';
