import type { ApiSpan, ApiTrace } from '../commands/api.js';
import { type Step, spanLine, stepsOf, traceLine } from '../commands/tree.js';
import { boundedText, valueText } from './bounded.js';

/** A span with what it took and gave. */
export interface WholeSpan extends ApiSpan {
  readonly input: unknown;
  readonly output: unknown;
}

/** A trace with what it took and gave. */
export interface WholeTrace extends ApiTrace {
  readonly input: unknown;
  readonly output: unknown;
  readonly spans: readonly WholeSpan[];
}

/** Most steps of a trace that are compared: the work grows with the product of both. */
const maxCompared = 1000;
const plain = (_: string, text: string) => text;

/** What differs between two runs, line by line: `-` only the first has, `+` only the second, `~` both have, in another way. */
export function comparison(one: WholeTrace, other: WholeTrace): string[] {
  const lines = [`first:  ${traceLine(one, plain)}`, `second: ${traceLine(other, plain)}`];
  for (const field of ['input', 'output'] as const) {
    const [before, after] = [valueText(one[field]), valueText(other[field])];
    if (before === after) lines.push(`${field}: the same: ${boundedText(before, 500)}`);
    else
      lines.push(
        `${field} of the first:  ${boundedText(before, 1000)}`,
        `${field} of the second: ${boundedText(after, 1000)}`,
      );
  }
  const [a, b] = [one, other].map(({ spans }) => [...stepsOf(spans)].slice(0, maxCompared)) as [
    Step<WholeSpan>[],
    Step<WholeSpan>[],
  ];
  lines.push('', 'steps: - only in the first, + only in the second, ~ in both, differently', ...stepDiff(a, b));
  const left = Math.max(one.spans.length, other.spans.length) - maxCompared;
  if (left > 0) lines.push(`(the first ${maxCompared} steps of each were compared)`);
  return lines;
}

/** Two steps are the same one when they have the same name, kind and depth. */
function keyOf({ span, indent }: Step<WholeSpan>): string {
  return JSON.stringify([indent.length, span.kind, span.name]);
}

function stepDiff(a: readonly Step<WholeSpan>[], b: readonly Step<WholeSpan>[]): string[] {
  const lines: string[] = [];
  let equal = 0;
  const flush = () => {
    if (equal > 0) lines.push(`  (${equal} steps are the same)`);
    equal = 0;
  };
  for (const { left, right } of aligned(a, b)) {
    const change = left !== undefined && right !== undefined ? changeOf(left.span, right.span) : undefined;
    if (left !== undefined && right !== undefined && change === undefined) {
      equal += 1;
      continue;
    }
    flush();
    const step = left ?? right;
    if (step === undefined) continue;
    const sign = left === undefined ? '+' : right === undefined ? '-' : '~';
    lines.push(
      `${sign} ${' '.repeat(step.indent.length)}${spanLine(step.span, plain)}${change === undefined ? '' : `  →  ${change}`}`,
    );
  }
  flush();
  return lines;
}

function changeOf(one: WholeSpan, other: WholeSpan): string | undefined {
  const changes: string[] = [];
  if (one.status !== other.status || one.error !== other.error)
    changes.push([other.status, boundedText(other.error ?? '', 200)].filter(Boolean).join(' '));
  if (one.model !== other.model) changes.push(`model ${other.model}`);
  for (const field of ['input', 'output'] as const) {
    const after = valueText(other[field]);
    if (valueText(one[field]) !== after) changes.push(`${field} ${boundedText(after, 200)}`);
  }
  return changes.length === 0 ? undefined : changes.join('; ');
}

interface Pair {
  readonly left: Step<WholeSpan> | undefined;
  readonly right: Step<WholeSpan> | undefined;
}

/** The longest common row of steps, and between them what only one of the two has. */
function aligned(a: readonly Step<WholeSpan>[], b: readonly Step<WholeSpan>[]): Pair[] {
  const [keys, others] = [a.map(keyOf), b.map(keyOf)];
  const width = b.length + 1;
  /** At [i, j]: how long the common row of a from i and of b from j is. */
  const longest = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = keys[i] === others[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: Pair[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && keys[i] === others[j]) {
      pairs.push({ left: a[i], right: b[j] });
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      pairs.push({ left: a[i], right: undefined });
      i += 1;
    } else {
      pairs.push({ left: undefined, right: b[j] });
      j += 1;
    }
  }
  return pairs;
}
