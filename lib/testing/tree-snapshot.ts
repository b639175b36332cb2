import type { SpanView, TraceView } from '../client/sinks/trace-view.js';
import { childrenOf } from '../client/sinks/tree-text.js';

/**
 * A trace as text, without anything that differs from run to run: no ids, times, durations, tokens or costs. Each span is one
 * line: its name, kind and model, and `ERROR` if it failed. Siblings are in the order in which they started.
 *
 * @param trace - a trace of a {@link RecordedRun} or a `MemorySink`
 * @returns lines, without one at the end
 * @example
 * ```ts
 * import { withSpan, withTrace } from 'pandaprobe-ts';
 * import { recordRun, treeSnapshot } from 'pandaprobe-ts/testing';
 *
 * const { trace } = await recordRun(() => withTrace('agent', () => withSpan('search', { kind: 'TOOL' }, () => 'found')));
 * console.log(treeSnapshot(trace)); // agent\n└─ search TOOL
 * ```
 */
export function treeSnapshot(trace: TraceView): string {
  const children = childrenOf(trace.spans);
  const lines = [oneLine(trace.name) + (trace.status === 'ERROR' ? ' ERROR' : '')];
  // A list instead of recursion: a trace may be nested deeper than the stack.
  const todo = stacked(children.get(undefined), '');
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { span, indent, isLast } = next;
    lines.push(`${indent}${isLast ? '└─' : '├─'} ${lineOf(span)}`);
    for (const child of stacked(children.get(span.spanId), `${indent}${isLast ? '   ' : '│  '}`)) todo.push(child);
  }
  return lines.join('\n');
}

/** Siblings in reverse order, because a stack returns the last one first. */
function stacked(spans: readonly SpanView[] = [], indent: string) {
  return spans.map((span, at) => ({ span, indent, isLast: at === spans.length - 1 })).reverse();
}

function lineOf({ name, kind, model, status }: SpanView): string {
  return [oneLine(name), kind, model === undefined ? '' : oneLine(model), status === 'ERROR' ? 'ERROR' : '']
    .filter((part) => part !== '')
    .join(' ');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
