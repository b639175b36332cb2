import { startOf } from '../../model/text.js';
import type { Paint } from '../command-line/terminal.js';
import { textChanges } from '../viewer/compare/text-changes.js';
import { textOf } from '../viewer/values/value-text.js';
import * as diff from '../viewer/vendor/diff.js';
import { boundedText } from './bounded.js';

/** How a difference is printed. */
interface DifferenceStyle {
  readonly paint: Paint;
  /** Makes a line safe to print. */
  readonly safe: (text: string) => string;
  readonly maxChars: number;
}

/**
 * Texts with more changes are not compared but printed one after the other. A run may have thousands of steps, and comparing
 * takes up to 10 ms for each text.
 */
const mostChanges = 300;
/** How many characters are shown at each end of a common part. */
const context = 60;
/** The marks of changed parts, as in `git diff --word-diff`. */
const marks = { removed: ['[-', '-]', 'red'], added: ['{+', '+}', 'green'] } as const;

/** The changes of a value, marked within its text, line by line. Common parts are shortened. */
export function differenceLines(before: unknown, after: unknown, style: DifferenceStyle): string[] {
  const [one, other] = texts(before, after);
  const lines: string[] = [''];
  let left = style.maxChars;
  for (const { text, mark } of stretches(one, other)) {
    // Removed text leaves room for the text that replaces it.
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

/** Both values as text; as JSON if their texts are equal, such as for the number 1 and the text "1". */
function texts(before: unknown, after: unknown): readonly [string, string] {
  const [one, other] = [textOf(before), textOf(after)];
  return one === other ? [jsonOf(before), jsonOf(after)] : [one, other];
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? '';
}

/** A part of text that both values have, or only one. */
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

/** The end of a text, without half of a surrogate pair at its start. */
function endOf(text: string, units: number): string {
  return text.slice(-units).replace(/^[\udc00-\udfff]/, '');
}

/** A common part, shortened to its ends. */
function shortened({ value }: diff.Change, at: number, count: number): string {
  if (value.length <= 3 * context) return value;
  return `${at === 0 ? '' : startOf(value, context)} ⋯ ${at === count - 1 ? '' : endOf(value, context)}`;
}
