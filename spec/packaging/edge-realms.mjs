// Calls whose promises belong to another realm than the program: in this runtime, those that a response gives. Prints the traces.
import { init, MemorySink, traceFunction } from 'pandaprobe-ts';

const sink = new MemorySink();
init({ sinks: [sink] });
await traceFunction(() => new Response('said').text(), { name: 'text' })();
const response = await traceFunction(async () => new Response('said'), { name: 'response' })();
await response.text();
await traceFunction(() => new Response('{').json(), { name: 'json' })().catch(() => {});
await new Promise((resolve) => setTimeout(resolve));
console.log(JSON.stringify(sink.traces.map(({ name, status }) => `${name} ${status}`)));
