import { util } from '../../common/builtins.js';
import type { SpanView, TraceView } from './trace-view.js';

/** How a tree is written. */
interface TreeTextOptions {
  /** Whether durations, tokens, cost and errors follow the names. */
  readonly details: boolean;
  readonly colors: boolean;
}

type Paint = (style: Parameters<ReturnType<typeof util>['styleText']>[0], text: string) => string;

/**
 * A finished trace as a tree, one line a span, siblings in the order they started:
 *
 *     support-agent 1.24 s  230 tokens  $0.002
 *     ├─ retrieve RETRIEVER 84 ms
 *     └─ generate LLM gpt-5.4 1.1 s  230 tokens  $0.002  ERROR timed out
 */
export function treeText(trace: TraceView, options: TreeTextOptions): string {
  const paint: Paint = options.colors
    ? (style, text) => util().styleText(style, text, { validateStream: false })
    : (_, text) => text;
  const children = childrenOf(trace.spans);
  const lines = [headLine(trace, options, paint)];

  const stack: { span: SpanView; indent: string; isLast: boolean }[] = [];
  const push = (spans: readonly SpanView[], indent: string) => {
    for (let i = spans.length - 1; i >= 0; i -= 1) {
      const span = spans[i];
      if (span !== undefined) stack.push({ span, indent, isLast: i === spans.length - 1 });
    }
  };
  push(children.get(undefined) ?? [], '');
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { span, indent, isLast } = next;
    lines.push(`${paint('gray', `${indent}${isLast ? '└─ ' : '├─ '}`)}${spanLine(span, options, paint)}`);
    push(children.get(span.spanId) ?? [], `${indent}${isLast ? '   ' : '│  '}`);
  }
  return lines.join('\n');
}

/** The spans by the id of their parent, in the order they started. A span whose parent is missing is a root. */
export function childrenOf(spans: readonly SpanView[]): Map<string | undefined, SpanView[]> {
  const known = new Set(spans.map((span) => span.spanId));
  const children = new Map<string | undefined, SpanView[]>();
  const inOrder = spans.toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
  for (const span of inOrder) {
    const { parentSpanId } = span;
    const parent = parentSpanId !== undefined && known.has(parentSpanId) ? parentSpanId : undefined;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [span]);
    else siblings.push(span);
  }
  return children;
}

function headLine(trace: TraceView, { details }: TreeTextOptions, paint: Paint): string {
  const name = paint('bold', oneLine(trace.name));
  if (!details) return `${name}${trace.status === 'ERROR' ? ' ERROR' : ''}`;
  const tokens = trace.spans.reduce((sum, span) => sum + tokensOf(span), 0);
  const cost = trace.spans.reduce((sum, span) => sum + (span.cost?.total ?? 0), 0);
  const status = trace.status === 'COMPLETED' ? '' : `  ${paint('red', trace.status)}`;
  return `${name} ${durationText(trace)}${tokenText(tokens)}${costText(cost)}${status}`;
}

function spanLine(span: SpanView, { details }: TreeTextOptions, paint: Paint): string {
  const head = `${oneLine(span.name)} ${paint('cyan', span.kind)}`;
  if (!details) return `${head}${span.status === 'ERROR' ? ' ERROR' : ''}`;
  const model = span.model === undefined ? '' : ` ${paint('gray', oneLine(span.model))}`;
  const error = span.status === 'ERROR' ? `  ${paint('red', `ERROR ${oneLine(span.error ?? '')}`.trimEnd())}` : '';
  const cost = span.cost?.total ?? 0;
  return `${head}${model} ${durationText(span)}${tokenText(tokensOf(span))}${costText(cost)}${error}`;
}

/** The tokens that the platform adds up. Source: backend-contract.md, *Totals*. */
function tokensOf(span: SpanView): number {
  return (span.tokenUsage?.prompt_tokens ?? 0) + (span.tokenUsage?.completion_tokens ?? 0);
}

function tokenText(tokens: number): string {
  return tokens === 0 ? '' : `  ${tokens} tokens`;
}

/** The cost with four significant digits, and without an exponent, which `String` gives a small one. */
function costText(cost: number): string {
  if (cost === 0) return '';
  const rounded = Number(cost.toPrecision(4));
  return `  $${rounded < 1e-6 ? rounded.toFixed(20).replace(/\.?0+$/, '') : rounded}`;
}

function durationText({ startedAt, endedAt }: { startedAt: Date; endedAt: Date | undefined }): string {
  if (endedAt === undefined) return 'open';
  const ms = endedAt.getTime() - startedAt.getTime();
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/**
 * Control characters in a name must not reach the terminal. The expression is not a literal: a literal with a Unicode property is
 * compiled while the package is parsed, which took a fifth of that time.
 */
function oneLine(text: string): string {
  // biome-ignore lint/complexity/useRegexLiterals: see above
  const flat = text.replace(new RegExp('[\\p{Cc}\\p{Cf}]+', 'gu'), ' ').trim();
  return flat.length > 120 ? `${flat.slice(0, 119)}…` : flat;
}
