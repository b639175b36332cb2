import { costOf, durationOf, tokensOf } from '../api/figures.js';
import { dollars, durationText, plural } from '../command-line/number-text.js';
import type { Paint, Style } from '../command-line/terminal.js';
import { boundedText, valueText } from './bounded.js';
import type { ComparedStep, Comparison, WholeSpan, WholeTrace } from './comparison.js';
import { differenceLines } from './difference-lines.js';
import { spanLine, traceLine } from './tree.js';

/** How a comparison is printed. */
interface ComparisonStyle {
  readonly paint: Paint;
  /** Makes a line of a value's text safe to print. */
  readonly safe: (text: string) => string;
  /** Most characters shown of a changed value. */
  readonly maxChars: number;
  /** Whether steps that are the same are shown, too, instead of counted. */
  readonly isAll: boolean;
}

const signs: Readonly<Record<ComparedStep['change'], string>> = { same: ' ', changed: '~', added: '+', removed: '-' };
const styles: Readonly<Record<ComparedStep['change'], Style>> = {
  same: 'dim',
  changed: 'yellow',
  added: 'green',
  removed: 'red',
};

/**
 * The differences between two runs, line by line: `-` is only in the first run, `+` only in the second, `~` in both but
 * different. Within a text, `[-this-]` is only in the first and `{+this+}` only in the second.
 */
export function comparisonLines({ first, second, steps }: Comparison, style: ComparisonStyle): string[] {
  const { paint } = style;
  const lines = [`first:  ${traceLine(first, paint)}`, `second: ${traceLine(second, paint)}`];
  const change = figures(first, second);
  if (change !== '') lines.push(`change: ${change}`);
  for (const field of ['input', 'output'] as const)
    lines.push(...valueLines(field, first[field], second[field], style));
  const legend =
    'steps: - only in the first, + only in the second, ~ in both, differently; texts: [-first-] {+second+}';
  return [...lines, '', paint('dim', legend), ...stepLines(steps, style)];
}

function valueLines(name: string, one: unknown, other: unknown, style: ComparisonStyle): string[] {
  if (JSON.stringify(one) === JSON.stringify(other))
    return [`${name}: the same: ${style.safe(boundedText(valueText(one), 500))}`];
  return named(name, differenceLines(one, other, style), '  ');
}

/** A value below its name; if it is a single line, next to it. */
function named(name: string, lines: readonly string[], indent: string): string[] {
  return lines.length === 1
    ? [`${name}: ${lines[0]}`]
    : [`${name}:`, ...lines.map((line) => `${indent}${line}`.trimEnd())];
}

function stepLines(steps: readonly ComparedStep[], style: ComparisonStyle): string[] {
  const { paint, isAll } = style;
  const lines: string[] = [];
  let equal = 0;
  const flush = () => {
    if (equal > 0) lines.push(paint('dim', `  (${plural(equal, 'equal step')})`));
    equal = 0;
  };
  for (const step of steps) {
    if (step.change === 'same' && !isAll) {
      equal += 1;
      continue;
    }
    flush();
    const span = step.first ?? step.second;
    if (span === undefined) continue;
    const sign = paint(styles[step.change], signs[step.change]);
    const change = changeText(step, style);
    const indent = '   '.repeat(step.depth);
    lines.push(`${sign} ${indent}${spanLine(span, paint)}${change === '' ? '' : `  →  ${change}`}`);
    for (const line of changedValues(step, style)) lines.push(`    ${indent}${line}`.trimEnd());
  }
  flush();
  return lines;
}

/** The changes of a step that both runs have. */
function changeText({ first, second, differs, change }: ComparedStep, { safe }: ComparisonStyle): string {
  if (first === undefined || second === undefined) return '';
  const has = (name: ComparedStep['differs'][number]) => differs.includes(name);
  const changes: string[] = [];
  if (has('status') || has('error'))
    changes.push([second.status, safe(boundedText(second.error ?? '', 200))].filter(Boolean).join(' '));
  if (has('model')) changes.push(`model ${safe(second.model ?? 'none')}`);
  if (has('tokens')) changes.push(figure('tokens', tokensOf(first), tokensOf(second), String));
  if (has('cost')) changes.push(figure('cost', costOf(first), costOf(second), money));
  const { latency_ms: before } = first;
  const { latency_ms: after } = second;
  if (change === 'changed' && before !== null && after !== null && durationText(before) !== durationText(after))
    changes.push(figure('duration', before, after, durationText));
  return changes.join('; ');
}

/** The changes in the values of a step that both runs have. */
function changedValues({ first, second, differs }: ComparedStep, style: ComparisonStyle): string[] {
  if (first === undefined || second === undefined) return [];
  const values = {
    input: [first.input, second.input],
    output: [first.output, second.output],
    parameters: [first.model_parameters, second.model_parameters],
  } as const;
  return Object.entries(values).flatMap(([name, [before, after]]) =>
    differs.some((each) => each === name) ? named(name, differenceLines(before, after, style), '  ') : [],
  );
}

/** The numbers that differ: `duration 1.2 s → 0.9 s (-25 %), tokens 10 → 12 (+20 %)`. */
function figures(first: WholeTrace, second: WholeTrace): string {
  const of = (
    name: string,
    read: (trace: WholeTrace) => number | null,
    text: (value: number) => string,
  ): string | undefined => {
    const [before, after] = [read(first), read(second)];
    if (before === null || after === null || text(before) === text(after)) return undefined;
    return figure(name, before, after, text);
  };
  const parts = [
    of('duration', durationOf, durationText),
    of('steps', ({ spans }: { readonly spans: readonly WholeSpan[] }) => spans.length, String),
    of('tokens', (trace) => trace.total_tokens ?? 0, String),
    of('cost', (trace) => trace.total_cost ?? 0, money),
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function figure(name: string, before: number, after: number, text: (value: number) => string): string {
  const percent = before === 0 ? 0 : Math.round((after / before - 1) * 100);
  return `${name} ${text(before)} → ${text(after)}${percent === 0 ? '' : ` (${percent > 0 ? '+' : ''}${percent} %)`}`;
}

function money(amount: number): string {
  return amount === 0 ? '$0' : dollars(amount);
}
