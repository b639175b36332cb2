import type { ExitWatch } from '../client/lifecycle/process-exit.js';

/** Stands for `lib/client/lifecycle/process-exit.ts`: nothing is told before a runtime ends. */
export const watchExit = (): ExitWatch => ({ markBusy() {}, stop() {} });
