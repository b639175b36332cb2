import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Delivery as plain JavaScript with its thread beside it, as in the package, for programs of their own. */
export interface Bundle {
  /**
   * Runs `code` as a module, with `createDelivery` and `trace(name)` at hand; resolves when the process has ended.
   * @param shell - commands of a shell to run first in the same process, such as `ulimit -f 8`
   */
  run(code: string, endpoint: string, shell?: string): Promise<Ending>;
  remove(): Promise<void>;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the bundle into a folder of its own. */
export async function bundleDelivery(): Promise<Bundle> {
  const folder = await mkdtemp(join(root, 'node_modules', '.delivery-spec-')); // inside, so that axios is found
  await build({
    absWorkingDir: root,
    entryPoints: { delivery: 'lib/delivery/delivery.ts', thread: 'lib/delivery/thread.ts' },
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    logLevel: 'error',
  });
  let programs = 0;
  return {
    async run(code, endpoint, shell) {
      programs += 1;
      const file = join(folder, `program-${programs}.mjs`);
      await writeFile(file, program(code, endpoint));
      const [command, args] =
        shell === undefined
          ? [process.execPath, [file]]
          : ['/bin/bash', ['-c', `${shell}; exec "$0" "$1"`, process.execPath, file]];
      return new Promise((resolve) => {
        const child = execFile(command, args, { timeout: 20_000 }, (_, stdout, stderr) => {
          resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
        });
      });
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function program(code: string, endpoint: string): string {
  return `
import { randomUUID } from 'node:crypto';
import { createDelivery } from './delivery.mjs';
const write = (_, text) => console.error(text);
const options = {
  endpoint: ${JSON.stringify(endpoint)}, apiKey: 'sk_pp_canary_4f1d9a', projectName: 'specs', batchSize: 10,
  flushIntervalMs: 5000, maxQueueSize: 10000, maxQueueBytes: 64e6, worker: 'auto', userAgent: 'pandaprobe-ts/spec',
  log: { error: write, warn: write, debug() {} }, onLoss: (loss) => console.error(loss.message),
};
const trace = (name) => ({ traceId: randomUUID(), name, status: 'COMPLETED', startedAt: Date.now(), tags: [], spans: [] });
${code}
`;
}
