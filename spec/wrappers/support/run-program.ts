// A process of its own: runs a program of calls with a client, bare or wrapped, and prints all it saw.
//
//     run-program.ts <program> bare|wrapped|suppressed <url>
import { init, MemorySink, suppressProviderSpans, withTrace } from '../../../lib/index.js';
import { outcome } from './describe-value.js';
import type { Program, Step } from './program.js';

const [name = '', mode = '', url = ''] = process.argv.slice(2);
const memory = new MemorySink();
init({ sinks: [memory] });

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => {
  const { name: type, message } = reason as Error;
  rejections.push(`${(reason as Error).constructor.name} ${type}: ${message}`);
});

const { program } = (await import(`../programs/${name.replace(/-newest$/, '')}.ts`)) as { program: Program };
const client = await program.client(url, mode !== 'bare', name.endsWith('-newest'));
const perform = <R>(fn: () => R): R => (mode === 'suppressed' ? suppressProviderSpans(fn) : fn());
const steps: Record<string, unknown> = {};
for (const [step, run] of Object.entries<Step>(program.steps)) {
  const before = rejections.length;
  steps[step] = await perform(() => outcome(() => run(client)));
  // Whether a forgotten call is rejected shows a little later.
  if (step.startsWith('forgotten')) await until(() => rejections.length > before || step.includes('success'), 2000);
}
const [first] = Object.values<Step>(program.steps);
const inTrace = await withTrace('agent', () => perform(() => outcome(() => first?.(client))));
// What was forgotten has left by then, on a busy machine, too.
await new Promise((resolve) => setTimeout(resolve, 500));
console.log(
  JSON.stringify({ steps, inTrace, rejections, spans: memory.traces.flatMap((trace) => trace.spans).length }),
);
process.exit(0);

async function until(isTrue: () => boolean, ms: number): Promise<void> {
  const end = Date.now() + ms;
  while (!isTrue() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 20));
}
