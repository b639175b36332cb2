import type { Log } from '../../common/log.js';

/** Where the spool is, and to whom it belongs. */
export interface SpoolOptions {
  readonly spoolDir: string;
  /** Most bytes of all files of this delivery, adopted ones included; the oldest file is deleted first. */
  readonly maxSpoolBytes: number;
  readonly endpoint: string;
  readonly projectName: string;
  /** Only a delivery with the same key may send the items. Never written to disk. */
  readonly apiKey: string;
  readonly log: Log;
}
