import { type Environment, readEnvironment } from './environment.js';
import { boolean, strictBoolean } from './rules.js';

/** The settings of attaching without code (`pandaprobe-ts/auto`). */
interface AutoSettings {
  /** `PANDAPROBE_ENABLED` does not say otherwise. */
  readonly isOn: boolean;
  readonly debug: boolean;
  /** `PANDAPROBE_AUTO`: the names of the packages; undefined for all. */
  readonly names: readonly string[] | undefined;
  /** Which setting is missing, asked late: a program may read its variables from a file first. */
  missing(): string | undefined;
}

/** Where the process-wide client is, once this package is loaded: from then on it says itself what is missing. */
const client = Symbol.for('pandaprobe.client.v1');

/** Reads what is needed before anything else of this package is loaded. */
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
