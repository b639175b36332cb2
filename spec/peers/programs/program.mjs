// One program of a user, in one framework, recorded by one tracer: `program.mjs <tracer> <framework> <program> <models> <sink>`.
// Exit code 3: the tracer has nothing for the framework.
import { setTimeout as sleep } from 'node:timers/promises';

const [tracerName, framework, program, models, sink] = process.argv.slice(2);
const tracer = await import(`./tracers/${tracerName}.mjs`);
const attach = tracer.attach[framework];
if (attach === undefined) process.exit(3);
await tracer.start(sink);
const { programs } = await import(`./${framework.replace(/-\d+$/, '')}.mjs`);
await programs({ attach, tracer, framework, models })
  [program]()
  .catch((error) => {
    const isExpected = program === 'error' || program === 'abort';
    if (!isExpected) throw error;
  });
// What a framework goes on with after a stream that nobody reads any more: as long for every tracer.
await sleep(2000);
await tracer.finish();
// What is still held open ends with the process, as a signal ends it.
setTimeout(() => process.kill(process.pid, 'SIGTERM'), 5000).unref();
