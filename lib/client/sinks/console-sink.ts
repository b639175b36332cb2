import { writeText } from '../../common/log.js';
import type { TraceRecord } from '../../model/records.js';
import type { Sink } from '../../model/sink.js';
import { viewTrace } from './trace-view.js';
import { treeText } from './tree-text.js';

/** The output of a console sink, such as `process.stderr`. */
export interface ConsoleStream {
  /** Takes one finished tree. */
  write(text: string): unknown;
  /** Colours are for terminals only. */
  readonly isTTY?: boolean | undefined;
  /** Source: Node's `WriteStream.hasColors()`, which honours `NO_COLOR` and `FORCE_COLOR`. */
  hasColors?(): boolean;
}

/**
 * Prints each finished trace as a tree: kind, name, duration, tokens, cost and error, with colours when
 * the terminal has them. The option `console: true` adds one on stderr.
 *
 * @example
 * ```ts
 * init({ sinks: [new ConsoleSink()] });
 * ```
 */
export class ConsoleSink implements Sink {
  readonly name = 'console';
  readonly #stream: ConsoleStream;

  /** @param stream - where to print */
  constructor(stream: ConsoleStream = process.stderr) {
    this.#stream = stream;
  }

  /** Prints the trace. */
  trace(record: TraceRecord): void {
    const colors = this.#stream.isTTY === true && this.#stream.hasColors?.() === true;
    writeText(this.#stream, `${treeText(viewTrace(record), { details: true, colors })}\n`);
  }
}
