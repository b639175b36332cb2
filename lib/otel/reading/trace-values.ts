import { parseId } from '../../common/ids.js';
import { rootHex, spanIdFromHex } from '../../common/span-hex.js';
import { TraceStatus } from '../../model/kinds.js';
import { type OtelSpan, ourScope } from '../otel-span.js';
import type { SpanValues, TraceLabels, TraceValues } from '../values.js';
import { isObject } from '../wire/any-value.js';
import { errorOf } from './error.js';
import { labelsOf, resourceLabels } from './labels.js';
import { jsonOr, parsed, textOrNone } from './parsed.js';
import { ownMetadata, spanUuid, spanValues, traceUuid } from './span-values.js';

/** A trace made of spans. */
export interface ReadTrace {
  readonly trace: TraceValues;
  /** `own`: the root of the trace is among the spans. `remote`: only a span whose parent is in another process. `none`: neither. */
  readonly root: 'own' | 'remote' | 'none';
}

/**
 * Makes a PandaProbe trace of the spans of one trace (at least one). Name, input and output are those of its first root.
 * @param isWhole - whether these are all spans of the trace. If so, a span's usage counts if no span below it has usage. If
 * not, only the usage of model calls counts, because agents report the sum of their calls and the platform adds up all spans
 */
export function traceValues(spans: readonly OtelSpan[], isWhole: boolean): ReadTrace {
  const [first] = spans as readonly [OtelSpan]; // at least one
  const own = spans.find(isTraceItself);
  const steps = spans.filter((span) => span !== own).sort((a, b) => a.startedAt - b.startedAt);
  const ids = new Map(steps.map((span) => [span.spanId, spanUuid(span)]));
  const made = steps.map((span) => spanValues(span, parentUuid(span, ids)));
  const values = countedOnce(made, steps, isWhole);
  const roots = steps.filter(({ parentId, isParentRemote }) => parentId === undefined || isParentRemote);
  const common = { traceId: traceUuid(first.traceId), spans: values };
  if (own !== undefined) return { trace: { ...common, ...traceOfOurs(own) }, root: 'own' };
  const root = roots.find(({ parentId }) => parentId === undefined) ?? roots[0] ?? (steps[0] as OtelSpan); // without one of ours there is a step
  const rootValues = values[steps.indexOf(root)];
  const { attributes } = root;
  const trace: TraceValues = {
    ...common,
    name: textOrNone(attributes['langfuse.trace.name']) ?? (root.name === '' ? 'trace' : root.name),
    status: roots.some((each) => errorOf(each) !== undefined) ? 'ERROR' : 'COMPLETED',
    startedAt: (steps[0] as OtelSpan).startedAt,
    endedAt: steps.reduce((end, span) => Math.max(end, span.endedAt ?? 0), 0) || undefined,
    input: lastOf(parsed(attributes['langfuse.trace.input']) ?? rootValues?.input, 'user'),
    output: lastOf(parsed(attributes['langfuse.trace.output']) ?? rootValues?.output, 'assistant'),
    ...labelsOfAll([root, ...steps]),
  };
  if (roots.length === 0) return { trace, root: 'none' };
  return { trace, root: root.parentId === undefined ? 'own' : 'remote' };
}

/** Whether a span represents a whole trace of this package: only such a span names a workflow. */
function isTraceItself({ scope, attributes }: OtelSpan): boolean {
  return scope === ourScope && attributes['gen_ai.workflow.name'] !== undefined;
}

function traceOfOurs(span: OtelSpan): Omit<TraceValues, 'traceId' | 'spans'> {
  const { name, attributes, startedAt, endedAt } = span;
  const json = (key: string) => {
    const text = attributes[key];
    return typeof text === 'string' ? jsonOr(text) : undefined;
  };
  const status = attributes['pandaprobe.trace.status'];
  const ended = span.status.code === 2 ? 'ERROR' : 'COMPLETED';
  return {
    ...{ name, startedAt, endedAt: attributes['pandaprobe.span.open'] === true ? undefined : endedAt },
    status: typeof status === 'string' && Object.hasOwn(TraceStatus, status) ? (status as TraceStatus) : ended,
    ...{ input: json('pandaprobe.input'), output: json('pandaprobe.output'), metadata: ownMetadata(span) },
    ...labelsOfAll([span]),
  };
}

/** The UUID of a span's parent, which may be in another request; undefined if the parent is the trace itself. */
function parentUuid(span: OtelSpan, ids: ReadonlyMap<string, string>): string | undefined {
  const { parentId, traceId, scope, attributes, isParentRemote } = span;
  if (parentId === undefined) return undefined;
  const here = ids.get(parentId);
  if (here !== undefined) return here;
  if (scope !== ourScope) return isParentRemote ? undefined : spanIdFromHex(traceId, parentId);
  const given = parseId(attributes['pandaprobe.span.parent_id']);
  return given ?? (parentId === rootHex(traceId) ? undefined : spanIdFromHex(traceId, parentId));
}

function labelsOfAll(spans: readonly OtelSpan[]): TraceLabels {
  let labels: TraceLabels = {};
  for (const { attributes, resource } of spans) {
    for (const some of [labelsOf(attributes), resourceLabels(resource)]) {
      const given = Object.entries(some).filter(([, value]) => value !== undefined);
      labels = { ...Object.fromEntries(given), ...labels };
    }
  }
  return labels;
}

/** Keeps only the last message of a role, because a trace shows the last question and answer, not the whole conversation. */
function lastOf(value: unknown, role: string): unknown {
  const messages = isObject(value) && Array.isArray(value.messages) ? value.messages : [];
  const last = messages.findLast((each: unknown) => isObject(each) && each.role === role);
  return last === undefined ? value : { messages: [last] };
}

/**
 * Keeps usage and cost only on spans where they count; elsewhere they become metadata. On spans of this package they always
 * count.
 */
function countedOnce(spans: readonly SpanValues[], from: readonly OtelSpan[], isWhole: boolean): readonly SpanValues[] {
  const parents = new Map(spans.map((span) => [span.spanId, span.parentSpanId]));
  const above = new Set<string>();
  for (const { spanId, tokenUsage, cost } of spans) {
    if (tokenUsage === undefined && cost === undefined) continue;
    const seen = new Set([spanId]); // parents may form a cycle
    for (let at = parents.get(spanId); at !== undefined && !seen.has(at); at = parents.get(at)) {
      if (above.has(at)) break; // everything above it was visited, too
      seen.add(at);
      above.add(at);
    }
  }
  return spans.map((span, at) => {
    const { spanId, kind, tokenUsage, cost, metadata } = span;
    if (from[at]?.scope === ourScope || (tokenUsage === undefined && cost === undefined)) return span;
    const counts = !above.has(spanId) && (isWhole || kind === 'LLM' || kind === 'EMBEDDING');
    if (counts) return span;
    const stated = { ...(tokenUsage && { stated_usage: tokenUsage }), ...(cost && { stated_cost: cost }) };
    return { ...span, tokenUsage: undefined, cost: undefined, metadata: { ...metadata, ...stated } };
  });
}
