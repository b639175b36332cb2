import { MemorySink } from '../client/sinks/memory-sink.js';
import type { SpanView, TraceView } from '../client/sinks/trace-view.js';
import { fits, matcherText } from './input-match.js';
import type { RecordedRun } from './record-run.js';
import { treeSnapshot } from './tree-snapshot.js';

/** The values that matchers accept: a run, a trace, or a sink with all its traces. */
export type Recorded = RecordedRun<unknown> | TraceView | MemorySink;

/** Which calls of a tool are expected. */
export interface CalledToolOptions {
  /** The exact number of calls. @defaultValue one or more */
  readonly times?: number | undefined;
  /**
   * Must match the input of each call. An object matches if it has all these properties, with matching values, which may be
   * asymmetric matchers such as `expect.any(String)`; a list, if it has as many entries and each matches.
   */
  readonly input?: unknown;
}

/** The result of a check, and the parts of its message: `expected the run ${what}, but ${found}`. */
export interface Checked {
  readonly pass: boolean;
  readonly what: string;
  readonly found: string;
  /** The two texts, if the check compares texts: some runners show how they differ. */
  readonly actual?: string;
  readonly expected?: string;
}

/** The checks by their names in Jest and Vitest. They throw if the value cannot be checked. */
export const checks = {
  toHaveTree(recorded: Recorded, expected: string): Checked {
    const actual = tracesOf(recorded).map(treeSnapshot).join('\n');
    const wanted = dedented(expected);
    return {
      pass: actual === wanted,
      what: `to have the tree\n\n${wanted}\n`,
      found: `\n${actual}`,
      actual,
      expected: wanted,
    };
  },

  toHaveCalledTool(recorded: Recorded, name: string, options: CalledToolOptions = {}): Checked {
    const tools = spansOf(recorded).filter(({ kind }) => kind === 'TOOL');
    const { times, input } = options;
    const fitting = tools.filter((span) => span.name === name && (input === undefined || fits(span.input, input)));
    const often = times === undefined ? '' : times === 1 ? ' once' : ` ${times} times`;
    const given =
      input === undefined ? '' : ` with ${JSON.stringify(input, (_, value) => matcherText(value) ?? value)}`;
    return {
      pass: times === undefined ? fitting.length > 0 : fitting.length === times,
      what: `to have called the tool ${JSON.stringify(name)}${often}${given}`,
      found: tools.length === 0 ? 'it called no tool' : `it called ${tools.map(toolText).join(', ')}`,
    };
  },

  toCostLessThan(recorded: Recorded, dollars: number): Checked {
    checkNumber('toCostLessThan', dollars);
    const total = sumOf(recorded, 'cost', ({ cost }) => cost?.total, true);
    return {
      pass: total < dollars,
      what: `to cost less than $${dollars}`,
      found: `it cost $${Number(total.toPrecision(12))}`,
    };
  },

  toUseTokensAtMost(recorded: Recorded, tokens: number): Checked {
    checkNumber('toUseTokensAtMost', tokens);
    const total = sumOf(recorded, 'token usage', tokensOf, false);
    return { pass: total <= tokens, what: `to use at most ${tokens} tokens`, found: `it used ${total}` };
  },

  toHaveNoErrors(recorded: Recorded): Checked {
    const errors = tracesOf(recorded).flatMap((trace) => [
      ...(trace.status === 'ERROR' ? [`trace ${trace.name}: ${String(trace.metadata.error ?? 'ERROR')}`] : []),
      ...trace.spans.flatMap(({ name, status, error }) => (status === 'ERROR' ? [`${name}: ${error ?? 'ERROR'}`] : [])),
    ]);
    return {
      pass: errors.length === 0,
      what: 'to have no errors',
      found: errors.length === 0 ? 'it has none' : errors.join('; '),
    };
  },
} as const;

function tracesOf(recorded: Recorded): readonly TraceView[] {
  if (recorded instanceof MemorySink || (typeof recorded === 'object' && recorded !== null && 'traces' in recorded))
    return recorded.traces;
  if (typeof recorded === 'object' && recorded !== null && 'spans' in recorded) return [recorded];
  throw new TypeError(
    `expected a run of recordRun(), a trace or a MemorySink, got ${recorded === null ? 'null' : typeof recorded}`,
  );
}

function spansOf(recorded: Recorded): readonly SpanView[] {
  return tracesOf(recorded).flatMap(({ spans }) => spans);
}

/** Prompt and completion tokens; the total if one of them is not known. */
function tokensOf({ tokenUsage: usage }: SpanView): number | undefined {
  const { prompt_tokens: prompt, completion_tokens: completion } = usage ?? {};
  return prompt === undefined || completion === undefined ? usage?.total_tokens : prompt + completion;
}

/**
 * The sum over all spans.
 *
 * @param mayBeAbove - whether a span above a model call may have the value for it
 * @throws Error if a model call has no value, because the sum would be too small
 */
function sumOf(
  recorded: Recorded,
  what: string,
  of: (span: SpanView) => number | undefined,
  mayBeAbove: boolean,
): number {
  const unknown = tracesOf(recorded).flatMap(({ spans }) => {
    const byId = new Map(mayBeAbove ? spans.map((span) => [span.spanId, span]) : []);
    const isUnknown = (span: SpanView): boolean => {
      let at: SpanView | undefined = span;
      for (let left = spans.length; at !== undefined && left > 0; left -= 1) {
        if (of(at) !== undefined) return false;
        at = byId.get(at.parentSpanId ?? '');
      }
      return true;
    };
    return spans.filter((span) => span.kind === 'LLM' && isUnknown(span)).map(({ name }) => name);
  });
  if (unknown.length > 0)
    throw new Error(`the sum is not known: there is no ${what} of ${[...new Set(unknown)].join(', ')}`);
  return spansOf(recorded).reduce((sum, span) => sum + (of(span) ?? 0), 0);
}

function checkNumber(name: string, given: number): void {
  if (typeof given === 'number' && given >= 0) return;
  throw new TypeError(`${name}: expected a number from 0, got ${String(given)}`);
}

function toolText({ name, input }: SpanView): string {
  const text = JSON.stringify(input) ?? '';
  return `${name}(${text.length > 100 ? `${text.slice(0, 99)}…` : text})`;
}

/** Removes empty lines at both ends, and the indentation that all lines share. */
function dedented(text: string): string {
  const lines = text.replace(/^\s*\n|\s+$/g, '').split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0);
  const least = Math.min(...indents);
  return lines.map((line) => line.slice(least).trimEnd()).join('\n');
}
