import type { Paint } from '../command-line/terminal.js';
import { printable } from '../command-line/terminal.js';
import type { WholeSpan } from './comparison.js';
import { spanLine } from './tree.js';

/** One step with its input and output: a heading for each part, with the part below it. */
export function stepLines(span: WholeSpan, paint: Paint): string[] {
  const { input, output, error, model_parameters: parameters, token_usage: usage, cost, metadata } = span;
  const parts = { error, input, output, parameters, usage, cost, metadata };
  const lines = [spanLine(span, paint)];
  for (const [name, value] of Object.entries(parts)) {
    if (isEmpty(value)) continue;
    lines.push(paint('bold', name), ...valueLines(value).map((line) => `  ${line}`));
  }
  return lines;
}

/** A value for people: texts as they are, anything else as indented JSON. */
export function valueLines(value: unknown): string[] {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
  return text.split(/\r?\n/).map(printable);
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
}
