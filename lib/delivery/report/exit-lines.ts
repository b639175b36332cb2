import { itemsAre, itemsText } from '../../common/items-text.js';
import type { Diagnostics } from './diagnostics.js';
import { loopNeeded, type Remains, reasonOf } from './reasons.js';

/*
 * Log lines about the end of a delivery, and about the spool. They are apart from `Diagnostics`, because edge runtimes, where no
 * process ends and there is no disk, do not need them.
 */

/** @param spooled - items on disk, which the next process will send */
export function logShutdown(diagnostics: Diagnostics, lost: number, spooled: number, remains: Remains): void {
  logSpooled(diagnostics, spooled);
  diagnostics.shutDown(lost, remains);
}

/**
 * @param waitedMs - how long the process was held; undefined if there was no thread to wait for
 * @param spooled - as for {@link logShutdown}
 */
export function logExit(
  diagnostics: Diagnostics,
  lost: number,
  waitedMs: number | undefined,
  spooled: number,
  remains: Remains,
): void {
  logSpooled(diagnostics, spooled);
  const { exitTimeoutMs = waitedMs } = diagnostics.options;
  const how = waitedMs === undefined ? loopNeeded : `exitTimeoutMs ${exitTimeoutMs}`;
  diagnostics.lost('exit', lost, `before the process ended (${how})`, waitedMs === undefined ? undefined : remains);
  diagnostics.reportLosses(); // no microtask runs any more
}

/** Items that were only on disk were deleted there. */
export function logDeleted(diagnostics: Diagnostics, items: number): void {
  const what = `${itemsText(items)} for ${diagnostics.backend} were dropped from the spool, to keep maxSpoolBytes or because their file is gone`;
  diagnostics.dropped('spool full', `${what}${diagnostics.because}`, items);
}

/** Something was recorded when nothing can be sent any more, because the process has ended. */
export function logTooLate(diagnostics: Diagnostics): void {
  const message = `an item that an exit listener recorded is lost and does not reach ${diagnostics.backend}: without a thread, nothing can be sent any more`;
  diagnostics.gaveUp('too late', message, 1);
  diagnostics.reportLosses();
}

function logSpooled({ options, backend, obstacle, isOtlp }: Diagnostics, items: number): void {
  if (items === 0) return;
  const kept = `${itemsAre(items)} in the spool for the next process`;
  if (obstacle === undefined) options.log.debug(kept);
  else options.log.warn('backend', `cannot deliver to ${backend}: ${reasonOf(obstacle, isOtlp)}; ${kept}`);
}
