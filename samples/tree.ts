import { type Paint, plain, type Style } from './paint.js';
import type { StoredSpan, StoredTrace } from './receiving/stored-trace.js';

/** How a tree is written. */
export interface TreeOptions {
  /** @defaultValue no colours */
  readonly paint?: Paint;
  /** Without durations the text is the same on every run. @defaultValue true */
  readonly durations?: boolean;
}

const colours: Readonly<Record<string, Style>> = {
  AGENT: 'magenta',
  CHAIN: 'blue',
  LLM: 'cyan',
  RETRIEVER: 'green',
  EMBEDDING: 'green',
  TOOL: 'yellow',
};

/** Traces in the order they started, with an empty line between. */
export function renderTrees(traces: readonly StoredTrace[], options: TreeOptions = {}): string {
  const inOrder = [...traces].sort((a, b) => microseconds(a.started_at) - microseconds(b.started_at));
  return inOrder.map((trace) => renderTree(trace, options)).join('\n\n');
}

/**
 * A received trace as a tree, one line per span, as the console sink writes it: name, kind, model, duration, tokens,
 * cost, error. Session, user and tags stand behind the trace, its scores below.
 */
export function renderTree(trace: StoredTrace, { paint = plain, durations = true }: TreeOptions = {}): string {
  const children = childrenOf(trace.spans);
  const lines = [traceLine(trace, paint, durations)];
  const addBelow = (parent: string | undefined, indent: string) => {
    const siblings = children.get(parent) ?? [];
    siblings.forEach((span, at) => {
      const isLast = at === siblings.length - 1;
      lines.push(`${paint('dim', `${indent}${isLast ? '└─' : '├─'}`)} ${spanLine(span, paint, durations)}`);
      addBelow(span.span_id, `${indent}${isLast ? '   ' : '│  '}`);
    });
  };
  addBelow(undefined, '');
  for (const { name, value, reason } of trace.scores) {
    lines.push(columns([`${paint('dim', 'score')} ${name} = ${value}`, paint('dim', text(reason))]));
  }
  return lines.join('\n');
}

/** Spans by parent, as they started; one whose parent is not there stands at the root. */
function childrenOf(spans: readonly StoredSpan[]): ReadonlyMap<string | undefined, readonly StoredSpan[]> {
  const known = new Set(spans.map((span) => span.span_id));
  const children = new Map<string | undefined, StoredSpan[]>();
  for (const span of spans) {
    const parent = text(span.parent_span_id);
    const place = known.has(parent) ? parent : undefined;
    children.set(place, [...(children.get(place) ?? []), span]);
  }
  return children;
}

function traceLine(trace: StoredTrace, paint: Paint, durations: boolean): string {
  const { spans, status, session_id: session, user_id: user, tags } = trace;
  return columns([
    words([paint('bold', trace.name), durations ? duration(trace.started_at, trace.ended_at) : '']),
    tokensText(spans.reduce((sum, span) => sum + tokensOf(span), 0)),
    dollars(spans.reduce((sum, span) => sum + costOf(span), 0)),
    session ? paint('dim', `session ${text(session)}`) : '',
    user ? paint('dim', `user ${text(user)}`) : '',
    Array.isArray(tags) && tags.length > 0 ? paint('dim', `tags ${tags.join(', ')}`) : '',
    status === 'COMPLETED' ? '' : paint(status === 'ERROR' ? 'red' : 'yellow', text(status)),
  ]);
}

function spanLine(span: StoredSpan, paint: Paint, durations: boolean): string {
  const { kind, model, status, error, started_at: start, completion_start_time: first } = span;
  const took = durations ? duration(start, span.ended_at) : '';
  return columns([
    words([span.name, paint(colours[text(kind)] ?? 'dim', text(kind)), paint('dim', text(model)), took]),
    durations && first ? paint('dim', `first chunk after ${duration(start, first)}`) : '',
    tokensText(tokensOf(span)),
    dollars(costOf(span)),
    status === 'OK' ? '' : paint('red', words([text(status), text(error)])),
  ]);
}

/** Prompt and completion tokens, as the platform adds them up. */
export function tokensOf({ token_usage: usage }: StoredSpan): number {
  return field(usage, 'prompt_tokens') + field(usage, 'completion_tokens');
}

/** The total of a span's cost, as the platform adds it up. */
export function costOf({ cost }: StoredSpan): number {
  return field(cost, 'total');
}

function tokensText(count: number): string {
  return count === 0 ? '' : `${count} tokens`;
}

/** `$0.00213`; empty for nothing. An amount this small is told by its first digits, not by its cents. */
export function dollars(amount: number): string {
  const digits = Number(amount.toPrecision(4)).toFixed(10);
  return amount === 0 ? '' : `$${digits.replace(/[.]?0+$/, '')}`;
}

/** `1.24 ms`, `3.1 s`, or `open` where there is no end. */
export function duration(start: unknown, end: unknown): string {
  if (typeof end !== 'string') return 'open';
  const ms = (microseconds(end) - microseconds(start)) / 1000;
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 2 : 0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `Date.parse` stops at milliseconds; the wire has microseconds. */
function microseconds(time: unknown): number {
  const fraction = /[.](\d+)/.exec(text(time))?.[1] ?? '';
  return Date.parse(text(time).replace(`.${fraction}`, '')) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

function field(object: unknown, name: string): number {
  return typeof object === 'object' && object !== null ? Number(Reflect.get(object, name) ?? 0) : 0;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function words(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

function columns(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('  ');
}
