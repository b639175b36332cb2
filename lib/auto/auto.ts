import { nodeModule } from '../common/builtins.js';
import { createLog } from '../common/log.js';
import { readAuto } from '../config/auto.js';
import { attachments, type LoadPart } from './attachments.js';
import { FileEdits, hook } from './hooks.js';
import type { LoaderData } from './loader.js';
import { type Taker, takerKey } from './rewrite.js';
import { createTaker } from './taker.js';

/*
 * `node --import pandaprobe-ts/auto app.js`: every known client and framework that the program loads is recorded, without code.
 *
 *   a file is loaded ──> Matching: is it one of a known package, in a known version? ──> rewrite: one line at its end
 *   the line runs    ──> Taker: the replacement of the class or function ──> at its first use: our wrapper is loaded
 *
 * Invariants: importing this file is the act, and nothing of ours beside it is loaded before a known package is used; a fault
 * of ours leaves the file, the class or the call as it is; where nothing is configured, nothing is wrapped.
 */

install();

function install(): void {
  const shared = globalThis as { [takerKey]?: Taker };
  // Given twice: by NODE_OPTIONS and the command, or by two copies of this package.
  if (shared[takerKey] !== undefined) return;
  const { isOn, debug, names, missing } = readAuto();
  if (!isOn) return;
  const log = createLog({ debug });
  const known = new Set(attachments.map(({ id }) => id));
  const wrong = names?.filter((name) => !known.has(name)) ?? [];
  if (wrong.length > 0) {
    const all = [...known].join(', ');
    log.warn(
      'PANDAPROBE_AUTO',
      `PANDAPROBE_AUTO: expected some of ${all}, got ${wrong.join(', ')}; these are passed over`,
    );
  }

  const here = import.meta.url;
  const loadOurs = nodeModule().createRequire(here);
  const load: LoadPart = (part, isLast = true) => {
    const fault = missing();
    if (fault === undefined) return loadOurs(`pandaprobe-ts/${part}`);
    if (isLast)
      log.warn(
        'not configured',
        `auto: ${fault}, so nothing is recorded. Set PANDAPROBE_API_KEY and PANDAPROBE_PROJECT_NAME, or PANDAPROBE_ENABLED=false to silence this`,
      );
    throw new Error(fault);
  };
  const data: LoaderData = { picked: names, debug };
  try {
    Object.defineProperty(shared, takerKey, { value: createTaker(load), configurable: true });
    hook(new FileEdits(names, log.debug), new URL('../esm/auto-loader.js', here).href, data);
  } catch (error) {
    log.warn('auto', `auto: the load hooks of this runtime cannot be used (${String(error)}), so nothing is attached`);
  }
}
