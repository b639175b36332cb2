import { type Environment, readEnvironment } from './environment.js';
import { boolean, strictBoolean } from './rules.js';

/** The settings of attaching without code (`pandaprobe-ts/auto`). */
interface AutoSettings {
  /** False if `PANDAPROBE_ENABLED` switches everything off. */
  readonly isOn: boolean;
  readonly debug: boolean;
  /** `PANDAPROBE_AUTO`: the names of the packages; undefined for all. */
  readonly names: readonly string[] | undefined;
  /** Names the missing settings; undefined if none is. Call it late, because a program may first read its variables from a file. */
  missing(): string | undefined;
}

/** The key of the process-wide client. Once the main entry is loaded, that client reports missing settings itself. */
const client = Symbol.for('pandaprobe.client.v1');

/** Reads the settings that are needed before any other part of this package is loaded. */
export function readAuto(environment: Environment = readEnvironment()): AutoSettings {
  const read = (name: string) => (environment[name] ?? '').trim();
  const enabled = strictBoolean.parse(read('PANDAPROBE_ENABLED'));
  const debug = boolean.parse(read('PANDAPROBE_DEBUG'));
  const names = read('PANDAPROBE_AUTO')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((name) => name !== '');
  return {
    isOn: !enabled.ok || enabled.value,
    debug: debug.ok && debug.value,
    names: names.length === 0 ? undefined : names,
    missing() {
      if (client in globalThis) return undefined;
      const console = boolean.parse(read('PANDAPROBE_CONSOLE'));
      if (console.ok && console.value) return undefined;
      const lacking = [
        ...(read('PANDAPROBE_API_KEY') === '' ? ['API key'] : []),
        ...(read('PANDAPROBE_PROJECT_NAME') === '' ? ['project name'] : []),
      ];
      return lacking.length === 0 ? undefined : `no ${lacking.join(' and no ')}`;
    },
  };
}
