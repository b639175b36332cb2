import { once } from 'node:events';
import { stripVTControlCharacters, styleText } from 'node:util';

/** The output of a command. */
export interface Terminal {
  /** Writes a line of the result. */
  out(line: string): void;
  /** Resolves when standard output can take more: the reader of a long result may be slow. */
  room(): Promise<void>;
  /** Writes a remark to standard error. */
  note(line: string): void;
  /** Shows the progress on standard error, replacing the previous one; an empty text removes it. Does nothing if that is no terminal. */
  progress(text: string): void;
  readonly paint: Paint;
}

/** The styles in use. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'blue';
/** Applies a style to a text, or returns it unchanged if there are no colours. */
export type Paint = (style: Style, text: string) => string;

/** How often progress is shown, at most. */
const progressMs = 100;

/** Writes to this process's own streams: in colour where stdout is a terminal and colours are wanted. */
export function ownTerminal(useColor: boolean): Terminal {
  const colored = useColor && process.stdout.isTTY === true;
  const isWatched = process.stderr.isTTY === true;
  let shown = '';
  let shownAt = Number.NEGATIVE_INFINITY;
  const show = (text: string) => {
    if (text === shown) return;
    process.stderr.write(`\r${text.padEnd(shown.length)}${text === '' ? '\r' : ''}`);
    shown = text;
    shownAt = performance.now();
  };
  return {
    out: (line) => {
      show('');
      process.stdout.write(`${line}\n`);
    },
    room: async () => void (process.stdout.writableNeedDrain && (await once(process.stdout, 'drain'))),
    note: (line) => {
      show('');
      // Whether there are styles depends on standard output.
      process.stderr.write(`${isWatched ? line : stripVTControlCharacters(line)}\n`);
    },
    progress: (text) => {
      if (isWatched && (text === '' || performance.now() - shownAt >= progressMs)) show(text);
    },
    paint: (style, text) => (colored && text !== '' ? styleText(style, text) : text),
  };
}

/** A text from a trace, safe to print: what could move the cursor or set colours is shown as an escape. */
export function printable(text: unknown): string {
  const plain = typeof text === 'string' ? text : '';
  return plain.replace(/[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, (control) => {
    return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Rows in columns as wide as their widest cell. Styles do not count. */
export function table(rows: readonly (readonly TableCell[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, width(cell.text));
  }
  return rows.map((row) =>
    row
      .map((cell, at) => padded(cell, widths[at] ?? 0, at === row.length - 1))
      .join('  ')
      .trimEnd(),
  );
}

/** A cell of a table. */
export interface TableCell {
  readonly text: string;
  /** The text with styles. @defaultValue `text` */
  readonly painted?: string;
  /** Whether it is aligned to the right. */
  readonly right?: boolean;
}

function padded({ text, painted = text, right = false }: TableCell, cells: number, isLast: boolean): string {
  const space = ' '.repeat(Math.max(0, cells - width(text)));
  if (right) return space + painted;
  return isLast ? painted : painted + space;
}

/** A letter or sign that a terminal draws two columns wide. Source: https://www.unicode.org/reports/tr11/ */
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const widthless = /^\p{Cf}+$/u;
let letters: Intl.Segmenter | undefined;

/** The width of a text in a terminal's columns. */
function width(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  letters ??= new Intl.Segmenter();
  let columns = 0;
  for (const { segment } of letters.segment(text)) columns += widthless.test(segment) ? 0 : wide.test(segment) ? 2 : 1;
  return columns;
}
