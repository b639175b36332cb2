import { threads } from '../common/builtins.js';
import { install } from './install.js';

/*
 * The file that `require('pandaprobe-ts/auto')` and `--require` load. The program goes on at once. Node's own thread for load hooks
 * loads it, too. There, hooks would meet the program's files before those of others: Node 22 ends the program (`loadSync is not a
 * function`), and before 22.14 it waits for ever if the other hooks are slow to start, as Yarn PnP's are.
 */
if (!isThreadOfNode()) void install();

/** A thread that the program starts has a port to its parent; the one for load hooks has none. */
function isThreadOfNode(): boolean {
  const { isMainThread, parentPort } = threads();
  return !isMainThread && parentPort === null;
}
