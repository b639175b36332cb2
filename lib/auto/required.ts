import { threads } from '../common/builtins.js';
import { install } from './install.js';

/*
 * The file that `require('pandaprobe-ts/auto')` and `--require` load. The program goes on at once. Node's own thread for load hooks
 * loads it, too; hooks on that thread would meet the files of the program before the hooks of others, and in Node 22 end it
 * (`loadSync is not a function`).
 */
if (!isThreadOfNode()) void install();

/** Source: Node's documentation of `node:worker_threads`, *isInternalThread* (22.14 and 23.7). */
function isThreadOfNode(): boolean {
  const { isInternalThread } = threads() as { isInternalThread?: boolean };
  return isInternalThread === true;
}
