import type { SpanView, TraceView } from '../../../lib/client/sinks/trace-view.js';

/**
 * Traces as text, a line each and a line for every span: `name KIND model tokens status`. Siblings stand in the order in which
 * they started.
 */
export function statusTree(traces: readonly TraceView[]): string {
  return traces
    .flatMap((trace) => [`${trace.name} ${trace.status}`, ...below(undefined, trace.spans, '  ')])
    .join('\n');
}

function below(parent: string | undefined, spans: readonly SpanView[], indent: string): string[] {
  return spans
    .filter((span) => span.parentSpanId === parent)
    .flatMap((span) => [`${indent}${line(span)}`, ...below(span.spanId, spans, `${indent}  `)]);
}

function line({ name, kind, model, tokenUsage, status }: SpanView): string {
  const tokens = tokenUsage && `${tokenUsage.prompt_tokens}+${tokenUsage.completion_tokens}`;
  return [name, kind, model, tokens, status].filter((part) => part !== undefined).join(' ');
}
