import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** What a stretch of the program has cost. All in milliseconds. */
export interface Cost {
  readonly wall: number;
  /** The main thread was not waiting for events: what the application cannot use. */
  readonly active: number;
  /** Processor time of the main thread; NaN where the platform does not tell. */
  readonly mainCpu: number;
  /** Processor time of the whole process, its threads included. */
  readonly cpu: number;
}

/** Starts measuring; each call of what it returns gives the cost since. */
export function startMeter(): () => Cost {
  const wall = performance.now();
  const loop = performance.eventLoopUtilization();
  const cpu = process.cpuUsage();
  const mainCpu = mainCpuMs();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return {
      wall: performance.now() - wall,
      active: performance.eventLoopUtilization(loop).active,
      mainCpu: mainCpuMs() - mainCpu,
      cpu: (user + system) / 1000,
    };
  };
}

/** Source: Linux, `/proc/<pid>/task/<tid>/schedstat`, whose first field is nanoseconds on a processor. */
function mainCpuMs(): number {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.NaN;
  }
}

/** Collects garbage, so that a run does not pay for what was before it. */
export function collectGarbage(): void {
  globalThis.gc?.();
}

/** The value below which `share` (0 to 1) of the values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
