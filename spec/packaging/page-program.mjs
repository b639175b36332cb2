// What a page may do with the package: every kind of call. Prints what the program itself got.
import {
  bind,
  ConsoleSink,
  flush,
  getClient,
  init,
  session,
  spanFunction,
  startTrace,
  withSpan,
  withTrace,
} from 'pandaprobe-ts';
import { wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';

init({ apiKey: 'sk_pp_key', enabled: true, sinks: [new ConsoleSink()] });

const addOne = spanFunction(async (number) => number + 1, { name: 'add one' });
const trace = startTrace('handle');
const span = trace.span('step').setInput({ number: 1 }).setOutput(2);
span.end();
trace.end();
const id = /^[0-9a-f-]{36}$/;
const client = wrapOpenAI({ chat: { completions: { create: async () => 'completion' } } });

const results = [
  await withTrace('body', () => withSpan('step', async () => 'value')),
  await addOne(1),
  session('s', () => 5),
  bind(() => 3)(),
  await client.chat.completions.create({}),
  (await flush()).ok,
  getClient().enabled,
  id.test(trace.traceId) && id.test(span.spanId),
];
console.log(JSON.stringify(results));
