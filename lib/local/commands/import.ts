import { createReadStream } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { errorText } from '../../common/error-text.js';
import { maxSpansPerRequest } from '../../model/limits.js';
import { Api, interrupted } from '../api/api.js';
import { asCopy, OtherProjects } from '../api/copied-ids.js';
import { eachOf } from '../api/each-of.js';
import { putTrace } from '../api/put-trace.js';
import { type Command, type CommandContext, hasOption, serverOptions } from '../command-line/command.js';
import { type Line, linesOf } from '../command-line/lines-of.js';
import { count, plural } from '../command-line/number-text.js';
import { printable } from '../command-line/terminal.js';
import { LocalFailure } from '../failure.js';
import { isObject } from '../wire/fields.js';

/** How much of a file is read at a time, in bytes. */
const chunkBytes = 1024 * 1024;
/** Roughly how many traces and characters are sent at once. */
const [maxAtOnce, maxCharsAtOnce] = [200, 4_000_000];

/** `import`: what `export` wrote. */
export const importTraces: Command = {
  name: 'import',
  usage: '[<file>]',
  summary:
    'read the output of export, from a file or standard input (-); traces of another project are copied; safe to repeat',
  options: serverOptions,
  maxArgs: 1,
  examples: [
    ['pandaprobe-ts import traces.jsonl', 'into the last used project'],
    ['pandaprobe-ts import --project copy traces.jsonl', 'into a project of its own, with new ids'],
    ['pandaprobe-ts export | pandaprobe-ts import - --endpoint http://127.0.0.1:7264', 'to another server'],
  ],
  async run(context) {
    const api = await Api.of(context, true);
    const file = context.args[0] ?? '-';
    const input = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: chunkBytes });
    addAbortSignal(context.signal, input);
    let fault: Error | undefined;
    input.once('error', (error: Error) => {
      fault = error;
    });
    const running = new Import(context, api, await OtherProjects.of(api));
    try {
      await running.run(linesOf(input));
    } catch (error) {
      if (error !== fault) throw error;
      throw new LocalFailure('file', `${file} cannot be read: ${fault?.message}`);
    }
    running.printResult();
  },
};

/** A trace as it is sent. */
interface Prepared {
  readonly line: Line;
  readonly trace: Readonly<Record<string, unknown>>;
  /** The trace as text. */
  readonly text: string;
  /** The other project from which it is copied. */
  readonly from: string | undefined;
}

/** The progress of one run of `import`. */
class Import {
  readonly #context: CommandContext;
  readonly #api: Api;
  readonly #others: OtherProjects;
  readonly #from = new Set<string>();
  /** Whether the server accepts many traces at once; a local server of this version does. */
  #takesMany: boolean;
  #done = 0;
  #copied = 0;

  constructor(context: CommandContext, api: Api, others: OtherProjects) {
    this.#context = context;
    this.#api = api;
    this.#others = others;
    this.#takesMany = others.isLocal;
  }

  async run(chunks: AsyncIterable<readonly Line[]>): Promise<void> {
    const { terminal, signal } = this.#context;
    // While the next traces are read, the earlier ones are stored.
    let before = Promise.resolve();
    try {
      for await (const lines of chunks) {
        for (let at = 0; at < lines.length; at += maxAtOnce) {
          const { ready, fault } = this.#prepare(lines.slice(at, at + maxAtOnce));
          await before;
          before = this.#put(ready);
          before.catch(() => {}); // also thrown where it is waited for
          if (fault === undefined) continue;
          await before;
          throw this.#failure(fault.line, fault.error);
        }
      }
      await before;
    } catch (error) {
      await before.catch(() => {});
      if (!signal.aborted) throw error;
    }
    terminal.progress('');
    if (signal.aborted) throw interrupted(`stopped before it was done: ${plural(this.#done, 'trace')} imported`);
  }

  printResult(): void {
    const { terminal } = this.#context;
    const { project } = this.#api;
    const from = [...this.#from];
    if (hasOption(this.#context, 'json')) {
      terminal.out(JSON.stringify({ imported: this.#done, project, copied: this.#copied, from }));
      return;
    }
    terminal.note(`${plural(this.#done, 'trace')} imported into project ${printable(project)}`);
    if (this.#copied > 0)
      terminal.note(
        `${count(this.#copied)} copied with new ids, because they come from project ${from.map(printable).join(', ')}`,
      );
  }

  /** The traces that can be sent, up to the first invalid line. */
  #prepare(lines: readonly Line[]) {
    const ready: Prepared[] = [];
    for (const line of lines) {
      try {
        const given: unknown = JSON.parse(line.text);
        if (!isObject(given)) throw new Error('expected a JSON object with a trace');
        const from = this.#others.nameOf(given);
        const trace = from === undefined ? given : asCopy(given, this.#api.project);
        ready.push({ line, trace, text: from === undefined ? line.text : JSON.stringify(trace), from });
      } catch (error) {
        return { ready, fault: { line, error } };
      }
    }
    return { ready, fault: undefined };
  }

  async #put(traces: readonly Prepared[]): Promise<void> {
    let batch: Prepared[] = [];
    let chars = 0;
    for (const each of traces) {
      batch.push(each);
      chars += each.text.length;
      if (chars < maxCharsAtOnce) continue;
      await this.#putSome(batch);
      [batch, chars] = [[], 0];
    }
    if (batch.length > 0) await this.#putSome(batch);
  }

  async #putSome(traces: readonly Prepared[]): Promise<void> {
    if (this.#context.signal.aborted) return;
    if (await this.#putAtOnce(traces)) for (const each of traces) this.#count(each);
    else await this.#putEach(traces);
  }

  /**
   * Sends many traces at once.
   * @returns false if they must be sent one by one: the server does not know the call, or a fault has to be located
   */
  async #putAtOnce(traces: readonly Prepared[]): Promise<boolean> {
    if (!this.#takesMany || traces.some(({ trace: { spans } }) => isLong(spans))) return false;
    const body = traces.map(({ text }) => text.trim()).join('\n');
    try {
      await this.#api.sendLines('/local/import', body);
      return true;
    } catch (error) {
      if (!(error instanceof LocalFailure) || error.ending === 'interrupted') throw error;
      if (error.ending === 'notFound') this.#takesMany = false;
      return false;
    }
  }

  async #putEach(traces: readonly Prepared[]): Promise<void> {
    // The last write of each trace: a trace that is in two lines is sent in their order.
    const running = new Map<unknown, Promise<void>>();
    const faults = new Map<unknown, Line>();
    try {
      await eachOf(traces, async (each) => {
        const { trace_id: traceId } = each.trace;
        const before = running.get(traceId) ?? Promise.resolve();
        const one = before.catch(() => {}).then(() => putTrace(this.#api, each.trace));
        if (traceId !== undefined) running.set(traceId, one);
        await one.catch((error: unknown) => {
          faults.set(error, each.line);
          throw error;
        });
        this.#count(each);
      });
    } catch (error) {
      // Only now is it known how many traces were imported: the writes that ran at the same time have ended.
      const line = faults.get(error);
      throw line === undefined ? error : this.#failure(line, error);
    }
  }

  #count({ from }: Prepared): void {
    this.#done += 1;
    if (from !== undefined) {
      this.#copied += 1;
      this.#from.add(from);
    }
    this.#context.terminal.progress(`${plural(this.#done, 'trace')} imported`);
  }

  #failure({ number }: Line, error: unknown): LocalFailure {
    const reason = errorText(error);
    const ending = error instanceof LocalFailure && error.ending === 'unreachable' ? error.ending : 'failed';
    return new LocalFailure(ending, `line ${number}: ${reason} (${plural(this.#done, 'trace')} imported)`, {
      cause: error,
    });
  }
}

/** Whether there are more spans than one request may have. */
function isLong(spans: unknown): boolean {
  return Array.isArray(spans) && spans.length > maxSpansPerRequest;
}
