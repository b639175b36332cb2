import { boundedText } from '../mcp/bounded.js';
import { textChanges } from '../viewer/compare/text-changes.js';
import { textOf } from '../viewer/values/value-text.js';
import * as diff from '../viewer/vendor/diff.js';
import type { Paint } from './terminal.js';

/** How a difference is written. */
interface DifferenceStyle {
  readonly paint: Paint;
  /** Makes a line safe to print. */
  readonly safe: (text: string) => string;
  readonly maxChars: number;
}

/** Texts with more changes are shown one after the other: a run may have thousands of steps, and each text takes up to 10 ms so. */
const mostChanges = 300;
/** Of a stretch that both have, so many characters at either end. */
const context = 60;
/** How each stretch is marked, as `git diff --word-diff` does. */
const marks = { removed: ['[-', '-]', 'red'], added: ['{+', '+}', 'green'] } as const;

/** What a value has become, in place, line by line: stretches that both have are shortened. */
export function differenceLines(before: unknown, after: unknown, style: DifferenceStyle): string[] {
  const [one, other] = texts(before, after);
  const lines: string[] = [''];
  let left = style.maxChars;
  for (const { text, mark } of stretches(one, other)) {
    // What was removed leaves room for what came in its place.
    const limit = mark === 'removed' ? Math.ceil(left / 2) : left;
    const shown = boundedText(text, limit);
    const [open, close, color] = mark === undefined ? ['', '', 'dim' as const] : marks[mark];
    for (const [at, line] of shown.split(/\r?\n/).entries()) {
      if (at > 0) lines.push('');
      const painted = line === '' ? '' : style.paint(color, `${open}${style.safe(line)}${close}`);
      lines[lines.length - 1] += painted;
    }
    left -= Math.min(text.length, limit);
    if (left <= 0) break;
  }
  return lines;
}

/** Both as text; as JSON where they read alike, such as the number 1 and the text "1". */
function texts(before: unknown, after: unknown): readonly [string, string] {
  const [one, other] = [textOf(before), textOf(after)];
  return one === other ? [jsonOf(before), jsonOf(after)] : [one, other];
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? '';
}

/** A stretch of text that both have, or one alone. */
interface Stretch {
  readonly text: string;
  readonly mark: keyof typeof marks | undefined;
}

function stretches(one: string, other: string): Stretch[] {
  const changes = textChanges(one, other, diff, mostChanges);
  if (changes === undefined) {
    return [
      { text: one, mark: 'removed' },
      { text: '\n', mark: undefined },
      { text: other, mark: 'added' },
    ];
  }
  return changes.map((change, at) => {
    const mark = change.added ? 'added' : change.removed ? 'removed' : undefined;
    return { text: mark === undefined ? shortened(change, at, changes.length) : change.value, mark };
  });
}

/** What both have: its ends, beside what differs. */
function shortened({ value }: diff.Change, at: number, count: number): string {
  if (value.length <= 3 * context) return value;
  return `${at === 0 ? '' : value.slice(0, context)} ⋯ ${at === count - 1 ? '' : value.slice(-context)}`;
}
