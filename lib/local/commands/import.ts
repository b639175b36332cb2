import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { maxSpansPerRequest } from '../../model/limits.js';
import { LocalFailure } from '../failure.js';
import { isObject } from '../wire/fields.js';
import { Api, type ApiScore, interrupted } from './api.js';
import { type Command, type CommandContext, hasOption, serverOptions } from './command.js';
import { asCopy, OtherProjects } from './copied-ids.js';
import { eachOf } from './each-of.js';
import { scoresOf } from './scores-of.js';
import { count } from './trace-filter.js';

/** `import`: what `export` wrote. */
export const importTraces: Command = {
  name: 'import',
  usage: '[<file>]',
  summary:
    'read what export wrote, from a file or standard input (-); copies what is of another project; safe to repeat',
  options: serverOptions,
  maxArgs: 1,
  examples: [
    ['pandaprobe-ts import traces.jsonl', 'into the project used last'],
    ['pandaprobe-ts import --project copy traces.jsonl', 'into a project of its own, with new ids'],
    ['pandaprobe-ts export | pandaprobe-ts import - --endpoint http://127.0.0.1:7264', 'to another server'],
  ],
  async run(context) {
    const api = await Api.of(context, true);
    const file = context.args[0] ?? '-';
    const input = file === '-' ? process.stdin : createReadStream(file);
    const failed = new Promise<never>((_, reject) => {
      input.once('error', (error: Error) =>
        reject(new LocalFailure('file', `${file} cannot be read: ${error.message}`)),
      );
    });
    failed.catch(() => {}); // also thrown by the loop it is raced with
    const running = new Import(context, api, await OtherProjects.of(api));
    await Promise.race([running.run(createInterface({ input, signal: context.signal })), failed]);
    running.tell();
  },
};

/** One run of `import`: what was done so far. */
class Import {
  readonly #context: CommandContext;
  readonly #api: Api;
  readonly #others: OtherProjects;
  readonly #from = new Set<string>();
  #done = 0;
  #copied = 0;

  constructor(context: CommandContext, api: Api, others: OtherProjects) {
    this.#context = context;
    this.#api = api;
    this.#others = others;
  }

  async run(lines: AsyncIterable<string>): Promise<void> {
    const { terminal, signal } = this.#context;
    /** By trace: a trace that stands in two lines is sent in their order. */
    const under = new Map<unknown, Promise<void>>();
    try {
      await eachOf(lines, async (line, at) => {
        if (line.trim() === '' || signal.aborted) return;
        await this.#putLine(line, at, under);
        terminal.progress(`${count(this.#done)} traces imported`);
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    terminal.progress('');
    if (signal.aborted) throw interrupted(`stopped before it was done: ${count(this.#done)} traces were imported`);
  }

  tell(): void {
    const { terminal } = this.#context;
    const { project } = this.#api;
    const from = [...this.#from];
    if (hasOption(this.#context, 'json')) {
      terminal.out(JSON.stringify({ imported: this.#done, project, copied: this.#copied, from }));
      return;
    }
    terminal.note(`${count(this.#done)} traces imported into project ${project}`);
    if (this.#copied > 0)
      terminal.note(
        `${count(this.#copied)} of them are copies with new ids: they come from project ${from.join(', ')}`,
      );
  }

  async #putLine(line: string, at: number, under: Map<unknown, Promise<void>>): Promise<void> {
    try {
      const given: unknown = JSON.parse(line);
      if (!isObject(given)) throw new Error('expected a JSON object with a trace');
      const from = this.#others.nameOf(given);
      const trace = from === undefined ? given : asCopy(given, this.#api.project);
      const before = under.get(trace.trace_id) ?? Promise.resolve();
      const one = before.catch(() => {}).then(() => putTrace(this.#api, trace));
      if (trace.trace_id !== undefined) under.set(trace.trace_id, one);
      await one.finally(() => {
        if (under.get(trace.trace_id) === one) under.delete(trace.trace_id);
      });
      this.#done += 1;
      if (from === undefined) return;
      this.#copied += 1;
      this.#from.add(from);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const ending = error instanceof LocalFailure && error.ending === 'unreachable' ? error.ending : 'failed';
      throw new LocalFailure(ending, `line ${at + 1}: ${reason} (${count(this.#done)} traces were imported)`, {
        cause: error,
      });
    }
  }
}

/** What was exported has more fields than a request; the server passes over them. */
async function putTrace(api: Api, given: Readonly<Record<string, unknown>>): Promise<void> {
  const { spans, scores, ...trace } = given;
  const all: unknown[] = Array.isArray(spans) ? spans : [];
  const first = { ...trace, spans: all.slice(0, maxSpansPerRequest) };
  const { trace_id: traceId } = await api.send<{ trace_id: string }>('POST', '/traces', first);
  for (let at = maxSpansPerRequest; at < all.length; at += maxSpansPerRequest) {
    await api.send('POST', `/traces/${traceId}/spans`, all.slice(at, at + maxSpansPerRequest));
  }
  if (!Array.isArray(scores) || scores.length === 0) return;
  // A score has no id of its own in a request: one that is there already is known by what it says.
  const known = new Set((await scoresOf(api, traceId)).map(saying));
  for (const score of (scores as ApiScore[]).toReversed()) {
    if (known.has(saying(score))) continue;
    const { name, value, data_type, source, reason, metadata } = score;
    const body = { trace_id: traceId, name, value, data_type, source, reason, metadata };
    await api.send('POST', '/evaluations/trace-scores', body);
  }
}

function saying({ name, value, source, reason }: ApiScore): string {
  return JSON.stringify([name, value, source, reason]);
}
