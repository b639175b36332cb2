import { startOf } from '../../model/text.js';

/** Most characters of one answer, so that it leaves room in a model's context. */
export const maxAnswerChars = 20_000;

/** The lines that fit, followed by the number of lines that were left out and how to ask for them. */
export function boundedLines(lines: readonly string[], more: string, maxChars = maxAnswerChars): string {
  const kept: string[] = [];
  let chars = 0;
  for (const line of lines) {
    const short = boundedText(line, 2000);
    if (chars + short.length + 1 > maxChars - 300) break;
    kept.push(short);
    chars += short.length + 1;
  }
  const left = lines.length - kept.length;
  return left === 0 ? kept.join('\n') : `${kept.join('\n')}\n… ${left} more lines. ${more}`;
}

/** A text, cut if it is too long, with the number of missing characters. */
export function boundedText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  // Half of a surrogate pair would make the answer one that a model's API refuses.
  const start = startOf(text, maxChars);
  return `${start}… (${text.length - start.length} more characters)`;
}

/** A value as JSON; messages and the like stay readable. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
