import type { ExitWatch } from '../client/lifecycle/process-exit.js';

/** Stands for `lib/client/lifecycle/client-end.ts`: these runtimes end without an event. */
export const watchClient = (): ExitWatch => ({ markBusy() {}, stop() {} });
