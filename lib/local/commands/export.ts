import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Api, type ApiPage, interrupted, maxPage } from '../api/api.js';
import { type TextsOf, textsAtOnce, textsOneByOne } from '../api/export-texts.js';
import { underWay } from '../api/under-way.js';
import { type Command, type CommandContext, hasOption, serverOptions, textOption } from '../command-line/command.js';
import { count, plural } from '../command-line/number-text.js';
import { LocalFailure } from '../failure.js';
import { filterOptions, filterParams, findTraces, isSearch } from '../search/trace-filter.js';
import type { TraceListItem } from '../store/trace-list.js';

/** `export`: traces as JSON lines. */
export const exportTraces: Command = {
  name: 'export',
  summary: 'write traces as JSON lines, the oldest first: each with its spans and scores',
  options: {
    out: { type: 'string', value: '<file>', about: 'the file (default, and for -: standard output)' },
    ...filterOptions,
    ...serverOptions,
  },
  examples: [
    ['pandaprobe-ts export > traces.jsonl', 'all traces of the project'],
    ['pandaprobe-ts export --session chat-1 --out chat.jsonl', 'one session, into a file'],
    ['pandaprobe-ts export --since 1d --status ERROR', 'what failed today'],
  ],
  async run(context) {
    filterParams(context); // before anything is made
    const api = await Api.of(context);
    const output = openOutput(context);
    let done = 0;
    try {
      await writeAll(context, api, output.line, (written) => {
        done = written;
      });
    } catch (error) {
      await output.end();
      if (error instanceof LocalFailure && error.ending === 'interrupted')
        throw interrupted(`stopped before it was done: ${plural(done, 'trace')} exported`);
      throw error;
    }
    await output.end();
    const { terminal } = context;
    if (hasOption(context, 'json')) terminal.note(JSON.stringify({ exported: done, project: api.project }));
    else terminal.note(`${plural(done, 'trace')} of project ${api.project} exported`);
  },
};

/** @param tell - called with the number of traces that are written */
async function writeAll(
  context: CommandContext,
  api: Api,
  line: (text: string) => Promise<void>,
  tell: (done: number) => void,
): Promise<void> {
  let texts: TextsOf | undefined;
  let done = 0;
  for await (const { items, total } of pages(context, api)) {
    texts ??= (await textsAtOnce(api, items)) ?? (await textsOneByOne(api, total));
    for await (const text of texts(items)) {
      await line(text);
      done += 1;
      tell(done);
      context.terminal.progress(`${count(done)} of ${count(total)} traces exported`);
    }
  }
  context.terminal.progress('');
}

async function* pages(context: CommandContext, api: Api): AsyncGenerator<ApiPage<TraceListItem>> {
  const order = { sort_by: 'started_at', sort_order: 'asc' };
  if (isSearch(context)) {
    const { items } = await findTraces(context, api, { ...order, limit: Number.POSITIVE_INFINITY, offset: 0 });
    for (let at = 0; at < items.length; at += maxPage) {
      yield { items: items.slice(at, at + maxPage), total: items.length };
    }
    return;
  }
  const pageAt = (offset: number) => underWay(findTraces(context, api, { ...order, limit: maxPage, offset }));
  for (let offset = 0, next = pageAt(0); ; ) {
    const part = await next;
    offset += maxPage;
    // Requested while this page is written.
    if (part.items.length === maxPage) next = pageAt(offset);
    yield part;
    if (part.items.length < maxPage) return;
  }
}

function openOutput(context: CommandContext) {
  const path = textOption(context, 'out') ?? '-';
  if (path === '-') {
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
