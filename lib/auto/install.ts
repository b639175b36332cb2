import { nodeModule } from '../common/builtins.js';
import { createLog } from '../common/log.js';
import { readAuto } from '../config/auto.js';
import { attachments } from './attachments.js';
import { FileEdits } from './file-edits.js';
import { hook } from './hooks.js';
import type { LoaderData } from './loader.js';
import { hookOlder } from './older-hooks.js';
import type { LoadPart } from './replacements.js';
import { type Taker, takerKey } from './rewrite.js';
import { createTaker } from './taker.js';

/** @param importProbe - imports probe.js; pass it if the program starts only after the returned promise has settled */
export function install(importProbe?: () => Promise<unknown>): Promise<void> | undefined {
  const shared = globalThis as { [takerKey]?: Taker };
  // Installed twice: by NODE_OPTIONS and the command line, or by two copies of this package.
  if (shared[takerKey] !== undefined) return undefined;
  const { isOn, debug, names, missing } = readAuto();
  if (!isOn) return undefined;
  const log = createLog({ debug });
  const known = new Set(attachments.map(({ id }) => id));
  const wrong = names?.filter((name) => !known.has(name)) ?? [];
  if (wrong.length > 0) {
    const all = [...known].join(', ');
    log.warn('PANDAPROBE_AUTO', `PANDAPROBE_AUTO: expected some of ${all}, got ${wrong.join(', ')}; these are ignored`);
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
    const edits = new FileEdits(names, log.debug);
    if (hook(edits)) return undefined;
    const file = (name: string) => new URL(`../esm/${name}.js`, here).href;
    const probe = importProbe && { url: file('auto-probe'), load: importProbe };
    return hookOlder(edits, { url: file('auto-loader'), data }, probe)?.catch(failed);
  } catch (error) {
    failed(error);
    return undefined;
  }

  function failed(error: unknown): void {
    log.warn('auto', `auto: the load hooks of this runtime cannot be used (${String(error)}), so nothing is attached`);
  }
}
