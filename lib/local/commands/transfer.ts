import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { maxSpansPerRequest } from '../../model/limits.js';
import { LocalFailure } from '../failure.js';
import type { TraceListItem } from '../store/trace-list.js';
import { isObject } from '../wire/fields.js';
import { Api, type ApiPage, type ApiScore, type ApiTrace } from './api.js';
import { type Command, type CommandContext, hasOption, serverOptions, textOption } from './command.js';
import { filterOptions, filterParams } from './trace-filter.js';

const pageSize = 200;

/** `export`: traces as JSON lines. */
export const exportTraces: Command = {
  name: 'export',
  summary: 'write traces as JSON lines, the oldest first: each with its spans and scores',
  options: {
    out: { type: 'string', value: '<file>', about: 'the file (default: standard output)' },
    ...filterOptions,
    ...serverOptions,
  },
  examples: [
    ['pandaprobe-ts export > traces.jsonl', 'everything of the project'],
    ['pandaprobe-ts export --session chat-1 --out chat.jsonl', 'one session, into a file'],
  ],
  async run(context) {
    const api = await Api.of(context);
    const write = openOutput(context);
    let count = 0;
    for (let offset = 0; !context.signal.aborted; offset += pageSize) {
      const order = { sort_by: 'started_at', sort_order: 'asc', limit: pageSize, offset };
      const { items } = await api.get<ApiPage<TraceListItem>>('/traces', { ...filterParams(context), ...order });
      for (const { trace_id: traceId } of items) {
        const trace = await api.get<ApiTrace>(`/traces/${traceId}`);
        await write.line(JSON.stringify({ ...trace, scores: await scoresOf(api, traceId) }));
        count += 1;
      }
      if (items.length < pageSize) break;
    }
    await write.end();
    context.terminal.note(`${count} traces of project ${api.project} exported`);
  },
};

/** `import`: what `export` wrote. */
export const importTraces: Command = {
  name: 'import',
  usage: '[<file>]',
  summary: 'read what export wrote, from a file or standard input; safe to repeat',
  options: serverOptions,
  maxArgs: 1,
  examples: [
    ['pandaprobe-ts import traces.jsonl', 'into the project used last'],
    ['pandaprobe-ts import --project copy < traces.jsonl', 'into a project of its own'],
  ],
  async run(context) {
    const api = await Api.of(context);
    const file = context.args[0];
    const input = file === undefined ? process.stdin : createReadStream(file);
    const failed = new Promise<never>((_, reject) => {
      input.once('error', (error: Error) =>
        reject(new LocalFailure('file', `${file} cannot be read: ${error.message}`)),
      );
    });
    failed.catch(() => {}); // also thrown by the loop it is raced with
    const count = await Promise.race([putLines(context, api, createInterface({ input })), failed]);
    if (hasOption(context, 'json')) context.terminal.out(JSON.stringify({ imported: count, project: api.project }));
    else context.terminal.note(`${count} traces imported into project ${api.project}`);
  },
};

async function putLines(context: CommandContext, api: Api, lines: AsyncIterable<string>): Promise<number> {
  let number = 0;
  let count = 0;
  for await (const line of lines) {
    number += 1;
    if (context.signal.aborted) break;
    if (line.trim() === '') continue;
    try {
      await putTrace(api, JSON.parse(line));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const ending = error instanceof LocalFailure && error.ending === 'unreachable' ? error.ending : 'failed';
      throw new LocalFailure(ending, `line ${number}: ${reason} (${count} traces were imported)`, { cause: error });
    }
    count += 1;
  }
  return count;
}

/** What was exported has more fields than a request; the server passes over them. */
async function putTrace(api: Api, given: unknown): Promise<void> {
  if (!isObject(given)) throw new Error('expected a JSON object with a trace');
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
    await api.send('POST', '/evaluations/trace-scores', {
      trace_id: traceId,
      name,
      value,
      data_type,
      source,
      reason,
      metadata,
    });
  }
}

function saying({ name, value, source, reason }: ApiScore): string {
  return JSON.stringify([name, value, source, reason]);
}

async function scoresOf(api: Api, traceId: string): Promise<readonly ApiScore[]> {
  const params = { trace_id: traceId, limit: pageSize };
  return (await api.get<ApiPage<ApiScore>>('/evaluations/trace-scores', params)).items;
}

function openOutput(context: CommandContext) {
  const path = textOption(context, 'out');
  if (path === undefined) {
    const { terminal } = context;
    const line = (text: string) => {
      terminal.out(text);
      return terminal.room();
    };
    return { line, end: async () => {} };
  }
  const file = createWriteStream(path);
  let fault: Error | undefined;
  file.on('error', (error) => {
    fault = error;
  });
  const check = () => {
    if (fault !== undefined)
      throw new LocalFailure('file', `${path} cannot be written: ${fault.message}`, { cause: fault });
  };
  return {
    async line(text: string) {
      check();
      if (!file.write(`${text}\n`)) await once(file, 'drain').catch(check);
    },
    async end() {
      file.end();
      await finished(file).catch(() => {});
      check();
    },
  };
}
