/*
 * Lists the files of lib/ that one trace passes through, by what V8 counts as called:
 *
 *     npx tsx spec/bench/journey.ts
 *
 * The second trace of a process, so that nothing of it is loading; with the worker inline, so that all is in one process.
 */
import { channel } from 'node:diagnostics_channel';
import { Session } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';
import { Client, HttpSink } from '../../lib/index.js';
import { startReceiver } from '../support/receiver.js';

const lib = pathToFileURL(`${process.cwd()}/lib/`).href;

const receiver = await startReceiver();
// The receiver is in this process, but what its requests do is no part of the journey.
Object.defineProperty(channel('http.server.request.start'), 'publish', { value() {} });
const options = { apiKey: 'sk_pp_journey', projectName: 'journey', endpoint: receiver.url, worker: 'inline' } as const;
const client = new Client({ sinks: [new HttpSink(options)] });
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Debugger.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

/** One message, as the backend's convention has it. */
const said = (role: string, content: string) => ({ messages: [{ role, content }] });

const sources = new Map<string, string>();

/** Functions that the compiler adds: getters of exports, and the helper that names functions. */
const added = /^(?:get:?\s*)?\(\)\s*=>\s*(?:[\w$]+|\w+\[\w+\])$|^\(\w+,\s*\w+\)\s*=>\s*\w+\(\w+,\s*['"]name['"]/;

/** The files with functions that were called since the last call of this, with these functions. */
async function called(): Promise<Map<string, string[]>> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const files = new Map<string, string[]>();
  for (const { scriptId, url, functions } of result) {
    if (!url.startsWith(lib)) continue;
    if (!sources.has(scriptId)) {
      sources.set(scriptId, (await session.post('Debugger.getScriptSource', { scriptId })).scriptSource);
    }
    const names = functions
      .filter(({ ranges: [range] }) => {
        if (range === undefined || range.count === 0) return false;
        return !added.test(sources.get(scriptId)?.slice(range.startOffset, range.endOffset) ?? '');
      })
      .map(({ functionName }) => functionName || '…');
    if (names.length > 0) files.set(url.slice(lib.length), names);
  }
  return files;
}

function show(title: string, files: ReadonlyMap<string, readonly string[]>): void {
  const functions = [...files.values()].reduce((sum, names) => sum + names.length, 0);
  console.log(`\n${title}: ${files.size} files, ${functions} functions`);
  for (const [file, names] of [...files].toSorted()) console.log(`  ${file}: ${names.join(', ')}`);
}

for (const isShown of [false, true]) {
  const t = client.trace('agent', { input: said('user', 'How many sheep are on the field?') });
  t.withSpan('model', { kind: 'LLM', input: said('user', 'How many?') }, (s) =>
    s.setOutput(said('assistant', 'A dozen.')),
  );
  t.setOutput(said('assistant', 'A dozen.'));
  await called();
  t.end();
  const toQueue = await called();
  await client.flush();
  const toAcknowledgement = await called();
  if (!isShown) continue;
  show('t.end() to the queue', toQueue);
  show('flush to acknowledgement', toAcknowledgement);
}
session.disconnect();
await client.shutdown();
await receiver.close();
