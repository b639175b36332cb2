// Runs the compiled Agent whose path comes as argument and prints what was recorded, as a tree.
import { pathToFileURL } from 'node:url';
import { init, MemorySink } from 'pandaprobe-ts';

const sink = new MemorySink();
init({ sinks: [sink] });
const { Agent } = await import(pathToFileURL(process.argv[2]).href);
const answer = await new Agent('Ada').run('tea');

for (const trace of sink.traces) {
  console.log(`${trace.name} ${trace.status} ${trace.tags} ${inputAndOutput(trace)}`);
  printBelow(trace.spans, undefined, '  ');
}
console.log(`answer: ${answer}`);
const { run, plan, write, shorten } = Agent.prototype;
console.log([run, plan, write, shorten].map(({ name, length }) => `${name} ${length}`).join(', '));

function printBelow(spans, parentSpanId, indent) {
  for (const span of spans.filter((one) => one.parentSpanId === parentSpanId)) {
    const { exception: _, ...given } = span.metadata; // where an error was thrown differs from compiler to compiler
    const metadata = Object.keys(given).length > 0 && JSON.stringify(given);
    const details = [span.kind, span.status, span.model, metadata, span.error].filter(Boolean).join(' ');
    console.log(`${indent}${span.name} (${details}) ${inputAndOutput(span)}`);
    printBelow(spans, span.spanId, `${indent}  `);
  }
}

function inputAndOutput({ input, output }) {
  return `${JSON.stringify(input)} → ${JSON.stringify(output)}`;
}
