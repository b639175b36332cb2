import type { ApiScore, ApiSpan, ApiTrace } from '../api/api.js';
import { costOf, durationOf, tokensOf } from '../api/figures.js';
import { dollars, durationText, tokensText } from '../command-line/number-text.js';
import { type Paint, printable, type Style } from '../command-line/terminal.js';
import { causesOf } from './error-causes.js';

const kindStyles: ReadonlyMap<string, Style> = new Map([
  ['AGENT', 'magenta'],
  ['CHAIN', 'blue'],
  ['LLM', 'cyan'],
  ['RETRIEVER', 'green'],
  ['EMBEDDING', 'green'],
  ['TOOL', 'yellow'],
]);

/**
 * A trace as a tree, one line per span: name, kind, model, duration, first token, tokens, cost, error. Session, user and tags
 * follow the trace's name; its scores are below.
 */
export function treeLines(trace: ApiTrace, scores: readonly ApiScore[], paint: Paint): string[] {
  const lines = [traceLine(trace, paint)];
  for (const { span, indent, isLast } of stepsOf(trace.spans)) {
    lines.push(`${paint('dim', `${indent}${isLast ? '└─' : '├─'}`)} ${spanLine(span, paint)}`);
  }
  for (const { name, value, reason } of scores) {
    const why = reason === null ? '' : paint('dim', printable(reason));
    lines.push(columns([`${paint('dim', 'score')} ${printable(name)} = ${printable(value)}`, why]));
  }
  return lines;
}

/** A span and its place in the tree. */
interface TreeStep<T> {
  readonly span: T;
  /** The text before its line: the branches of the spans above it. */
  readonly indent: string;
  readonly isLast: boolean;
}

/** The spans of a trace from the top of its tree to the bottom. */
export function* stepsOf<T extends ApiSpan>(spans: readonly T[]): Generator<TreeStep<T>> {
  const children = childrenOf(spans);
  // A list instead of recursion: a trace may be nested deeper than the stack.
  const todo = stacked(children.get(undefined), '');
  for (let item = todo.pop(); item !== undefined; item = todo.pop()) {
    yield item;
    const below = stacked(children.get(item.span.span_id), `${item.indent}${item.isLast ? '   ' : '│  '}`);
    for (const each of below) todo.push(each); // there may be more than a call takes arguments
  }
}

/** Siblings in reverse order, because a stack returns the last one first. */
function stacked<T>(spans: readonly T[] = [], indent: string): TreeStep<T>[] {
  return spans.map((span, at) => ({ span, indent, isLast: at === spans.length - 1 })).reverse();
}

/** Spans by parent, in the order they started. A span whose parent is missing, or whose ancestors form a cycle, is a root. */
export function childrenOf<T extends ApiSpan>(spans: readonly T[]): Map<string | undefined, T[]> {
  const byId = new Map(spans.map((span) => [span.span_id, span]));
  const isCyclic = cycleTest(byId);
  const children = new Map<string | undefined, T[]>();
  for (const span of spans) {
    const parent = isCyclic(span) ? undefined : (span.parent_span_id ?? undefined);
    const place = parent !== undefined && byId.has(parent) ? parent : undefined;
    const siblings = children.get(place);
    if (siblings === undefined) children.set(place, [span]);
    else siblings.push(span);
  }
  return children;
}

/** Returns a test whether the ancestors of a span form a cycle. Each span is visited once: a trace may be a long chain. */
function cycleTest(byId: ReadonlyMap<string, ApiSpan>): (span: ApiSpan) => boolean {
  const known = new Map<string, boolean>();
  return (span) => {
    const path = new Set<string>();
    let at: ApiSpan | undefined = span;
    while (at !== undefined && !known.has(at.span_id) && !path.has(at.span_id)) {
      path.add(at.span_id);
      at = byId.get(at.parent_span_id ?? '');
    }
    const isCyclic = at !== undefined && (known.get(at.span_id) ?? true);
    for (const id of path) known.set(id, isCyclic);
    return isCyclic;
  };
}

/** A trace in one line. */
export function traceLine(trace: ApiTrace, paint: Paint): string {
  const { status, session_id: session, user_id: user, tags } = trace;
  return columns([
    `${paint('bold', printable(trace.name))} ${durationText(durationOf(trace))}`,
    tokensText(trace.total_tokens ?? 0),
    dollars(trace.total_cost ?? 0),
    session === null ? '' : paint('dim', `session ${printable(session)}`),
    user === null ? '' : paint('dim', `user ${printable(user)}`),
    tags.length === 0 ? '' : paint('dim', `tags ${tags.map(printable).join(', ')}`),
    status === 'COMPLETED'
      ? ''
      : paint(status === 'ERROR' ? 'red' : 'yellow', problemOf(status, ownError(trace), trace.metadata)),
    paint('dim', trace.trace_id),
  ]);
}

/** The error of a trace, if none of its spans has one. */
function ownError({ spans, metadata }: ApiTrace): string | undefined {
  const error = metadata?.error;
  return typeof error === 'string' && !spans.some((span) => span.error === error) ? error : undefined;
}

/** `ERROR fetch failed (connect ECONNREFUSED 127.0.0.1:1234)` */
function problemOf(status: string, error: string | null | undefined, metadata: unknown): string {
  if (error === undefined || error === null) return status;
  const causes = causesOf(metadata).filter((cause) => !error.includes(cause));
  const why = causes.length === 0 ? '' : `(${causes.map(printable).join('; ')})`;
  return [status === 'UNSET' ? '' : status, printable(error), why].filter((part) => part !== '').join(' ');
}

/** A span in one line. */
export function spanLine(span: ApiSpan, paint: Paint): string {
  const { kind, model, status, error, time_to_first_token_ms: first } = span;
  const problem = error === null && status === 'UNSET' ? '' : problemOf(status, error, span.metadata);
  return columns([
    [
      printable(span.name),
      paint(kindStyles.get(kind) ?? 'dim', kind),
      paint('dim', printable(model)),
      durationText(span.latency_ms),
    ]
      .filter((part) => part !== '')
      .join(' '),
    first === null ? '' : paint('dim', `first token after ${durationText(first)}`),
    tokensText(tokensOf(span)),
    dollars(costOf(span)),
    status === 'OK' ? '' : paint(status === 'ERROR' ? 'red' : 'dim', problem),
  ]);
}

function columns(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('  ');
}
