import type { StoredSpan, StoredTrace } from './receiver-store.js';

/**
 * A trace as text, e.g. `T(a(b, c), d)`: names, children in brackets, ordered by start. A span whose parent is missing is shown
 * at the root, with a `?` in front.
 */
export function treeOf(trace: Pick<StoredTrace, 'name' | 'spans'>): string {
  const ids = new Set(trace.spans.map((span) => span.span_id));
  const children = new Map<string | undefined, StoredSpan[]>();
  for (const span of trace.spans) {
    const parent =
      typeof span.parent_span_id === 'string' && ids.has(span.parent_span_id) ? span.parent_span_id : undefined;
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const text = (name: string, below: readonly StoredSpan[] | undefined): string =>
    below === undefined
      ? name
      : `${name}(${[...below]
          .sort(byStart)
          .map((span) => text(label(span), children.get(span.span_id)))
          .join(', ')})`;
  const label = (span: StoredSpan) =>
    typeof span.parent_span_id === 'string' && !ids.has(span.parent_span_id) ? `?${span.name}` : span.name;
  return text(trace.name, children.get(undefined));
}

function byStart(a: StoredSpan, b: StoredSpan): number {
  return a.started_at < b.started_at ? -1 : a.started_at > b.started_at ? 1 : 0;
}
