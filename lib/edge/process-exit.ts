import type { ExitWatch } from '../client/lifecycle/process-exit.js';

/** Replaces `lib/client/lifecycle/process-exit.ts`: these runtimes end without an event. */
export const watchExit = (): ExitWatch => ({ markBusy() {}, stop() {} });
