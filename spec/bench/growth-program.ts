import { Session } from 'node:inspector/promises';
import sinon from 'sinon';
import { shapesOf } from './growth-shapes.js';

/*
 * Prints how many steps the library takes for every shape in each of the sizes given: how often each of its blocks of code is
 * executed, plus one for every hundred characters of JSON that it reads or writes. V8 counts only what is compiled after
 * counting has begun and is never optimized, so the library is loaded then, and this needs `--no-opt --no-maglev`.
 */

const sizes = process.argv.slice(2).map(Number);
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
const library = await import('../../lib/index.js');
const memory = new library.MemorySink();
library.init({ sinks: [memory] });

for (const [shape, run] of Object.entries(shapesOf(library))) {
  await run(10); // what is done once in a process
  const steps: number[] = [];
  for (const size of sizes) {
    memory.clear();
    steps.push(await countSteps(() => run(size)));
    const { traces } = memory;
    if (traces.length === 0) throw new Error(`${shape} has recorded nothing`);
  }
  console.log(JSON.stringify({ shape, steps }));
}
process.exit(0);

async function countSteps(run: () => unknown): Promise<number> {
  const parse = sinon.spy(JSON, 'parse');
  const stringify = sinon.spy(JSON, 'stringify');
  try {
    await session.post('Profiler.takePreciseCoverage'); // counts from here
    await run();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const ranges = result
      .filter(({ url }) => url.includes('/lib/') && !url.includes('/node_modules/'))
      .flatMap(({ functions }) => functions.flatMap((one) => one.ranges));
    const read = parse.args.reduce((sum, [text]) => sum + String(text).length, 0);
    const written = stringify.returnValues.reduce((sum: number, text) => sum + String(text).length, 0);
    return ranges.reduce((sum, { count }) => sum + count, 0) + (read + written) / 100;
  } finally {
    parse.restore();
    stringify.restore();
  }
}
