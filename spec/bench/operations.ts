import { Session } from 'node:inspector/promises';
import sinon from 'sinon';

/**
 * How many steps the library takes for what `run` does: how often each of its blocks of code is executed, plus one for every
 * hundred characters of JSON that it reads or writes. Exact, whatever the machine is doing.
 */
export async function countSteps(run: () => unknown): Promise<number> {
  const session = new Session();
  session.connect();
  const sandbox = sinon.createSandbox();
  const parse = sandbox.spy(JSON, 'parse');
  const stringify = sandbox.spy(JSON, 'stringify');
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    await run();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const ranges = result
      .filter(({ url }) => url.includes('/lib/'))
      .flatMap(({ functions }) => functions.flatMap((one) => one.ranges));
    const read = parse.args.reduce((sum, [text]) => sum + String(text).length, 0);
    const written = stringify.returnValues.reduce((sum: number, text) => sum + String(text).length, 0);
    return ranges.reduce((sum, { count }) => sum + count, 0) + (read + written) / 100;
  } finally {
    sandbox.restore();
    session.disconnect();
  }
}
