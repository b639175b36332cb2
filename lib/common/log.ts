import { ownOnly } from './own.js';
import { performance } from './real-time.js';

/**
 * This package's own log: at most one line per cause and minute, on stderr. A cause is a short constant text such as `queue full`.
 * Lines that are held back are counted, and the next line of their cause shows the count.
 */
export interface Log {
  /** Something is or will be lost. */
  error(cause: string, message: string): void;
  /** Something was repaired, or looks like a mistake. */
  warn(cause: string, message: string): void;
  /** Shown only with `debug: true`; never held back. */
  debug(message: string): void;
}

/** How long one cause stays silent after a line, in milliseconds (promise P16). */
const quietMs = 60_000;

/** Longest line, in UTF-16 units. A longer one is cut, because a server's answer may be a whole page. */
const maxLineUnits = 4000;
/**
 * Characters that move a terminal's cursor, end a line or change the writing direction: control characters, line and paragraph
 * separators, and marks of bidirectional text.
 */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Makes a log. `write` gets whole lines without a line end; `now` gives milliseconds and never runs backwards. */
export function createLog(options: {
  readonly debug: boolean;
  readonly write?: (line: string) => void;
  readonly now?: () => number;
}): Log {
  const { debug, write: writeLine = writeToStderr, now = performance.now } = ownOnly(options);
  const causes = new Map<string, { until: number; held: number }>();

  /** Writes one line. Foreign text in a message must not be able to imitate lines of this package. */
  function write(line: string): void {
    const short = line.length > maxLineUnits ? `${line.slice(0, maxLineUnits)}…` : line;
    writeLine(short.replace(unprintable, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`));
  }

  function limited(level: string, cause: string, message: string): void {
    const at = now();
    const known = causes.get(cause);
    if (known !== undefined && at < known.until) {
      known.held += 1;
      return;
    }
    const held = known?.held ?? 0;
    causes.set(cause, { until: at + quietMs, held: 0 });
    write(`[pandaprobe] ${level}: ${message}${held > 0 ? ` (and ${held} more like it)` : ''}`);
  }

  return {
    error: (cause, message) => limited('error', cause, message),
    warn: (cause, message) => limited('warning', cause, message),
    debug(message) {
      if (debug) write(`[pandaprobe] debug: ${message}`);
    },
  };
}

/** A log that prints nothing. */
export const silentLog: Log = { error() {}, warn() {}, debug() {} };

function writeToStderr(line: string): void {
  try {
    writeText(process.stderr, `${line}\n`);
  } catch {
    // A closed or broken stderr must not become the application's problem.
  }
}

/**
 * Writes to a stream that may be broken, such as a pipe whose reader is gone. A failed write calls back, and then the stream emits
 * `error`, which would end a program that does not listen. So this listens to that one error. It does so even beside another
 * listener, because a worker thread's output, which is piped to stderr, has one that emits the error again.
 */
export function writeText(
  stream: {
    write(text: string, written?: (error?: Error | null) => void): unknown;
    listeners?(event: 'error'): readonly unknown[];
    once?(event: 'error', listener: () => void): unknown;
  },
  text: string,
): void {
  stream.write(text, (error) => {
    if (error && stream.listeners?.('error').includes(ignore) === false) stream.once?.('error', ignore);
  });
}

function ignore(): void {}
