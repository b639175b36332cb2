import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Delivery as in the package, with its thread, for programs of their own. */
export interface BuiltDelivery {
  /**
   * Runs `code` as a module, with `createDelivery` and `trace(name)` at hand; resolves when the process has ended.
   * @param shell - commands of a shell to run first in the same process, such as `ulimit -f 8`
   */
  run(code: string, endpoint: string, shell?: string): Promise<Ending>;
  /** The same with `code` as the body of an async function in a CommonJS file. */
  runAsCommonJs(code: string, endpoint: string): Promise<Ending>;
  remove(): Promise<void>;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

const entry = new URL('../../dist/cjs/pandaprobe-delivery.cjs', import.meta.url);

/** The built delivery, which `npm run build` makes, and a folder for the programs. */
export async function builtDelivery(): Promise<BuiltDelivery> {
  const folder = await mkdtemp(join(tmpdir(), 'delivery-spec-'));
  let programs = 0;
  async function runFile(text: string, extension: string, shell?: string): Promise<Ending> {
    programs += 1;
    const file = join(folder, `program-${programs}.${extension}`);
    await writeFile(file, text);
    const [command, args] =
      shell === undefined
        ? [process.execPath, [file]]
        : ['/bin/bash', ['-c', `${shell}; exec "$0" "$1"`, process.execPath, file]];
    return new Promise((resolve) => {
      const child = execFile(command, args, { timeout: 20_000 }, (_, stdout, stderr) => {
        resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
      });
    });
  }
  return {
    run: (code, endpoint, shell) =>
      runFile(
        `import { randomUUID } from 'node:crypto';
         import { createDelivery } from '${entry.href}';
         ${setUp(endpoint)}
         ${code}`,
        'mjs',
        shell,
      ),
    runAsCommonJs: (code, endpoint) =>
      runFile(
        `const { randomUUID } = require('node:crypto');
         const { createDelivery } = require(${JSON.stringify(fileURLToPath(entry))});
         ${setUp(endpoint)}
         (async () => { ${code} })();`,
        'cjs',
      ),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function setUp(endpoint: string): string {
  return `
const write = (_, text) => console.error(text);
const options = {
  endpoint: ${JSON.stringify(endpoint)}, apiKey: 'sk_pp_canary_4f1d9a', projectName: 'specs', batchSize: 10,
  flushIntervalMs: 5000, maxQueueSize: 10000, maxQueueBytes: 64e6, maxSpoolBytes: 512e6,
  requestTimeoutMs: 10_000, worker: 'auto', userAgent: 'pandaprobe-ts/spec',
  log: { error: write, warn: write, debug() {} }, onLoss: (loss) => console.error(loss.message),
};
const trace = (name) => ({ traceId: randomUUID(), name, status: 'COMPLETED', startedAt: Date.now(), tags: [], spans: [] });`;
}
