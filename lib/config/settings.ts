import { SettingsError } from '../common/errors.js';
import { ownOnly } from '../common/own.js';
import { defaultMaxValueBytes } from '../model/limits.js';
import { type Environment, isServerless, transportEnvironment } from './environment.js';
import type { Options, Settings } from './options.js';
import { directory, endpoint, proxyFault } from './places.js';
import {
  apiKey as apiKeyRule,
  boolean,
  booleanOrAuto,
  fraction,
  integer,
  oneOf,
  projectName,
  type Rule,
  shortText,
  strictBoolean,
} from './rules.js';

/** The result of `readSettings`, with the warnings to log once about wrong variables. */
interface ReadSettings {
  readonly settings: Settings;
  readonly warnings: readonly string[];
}

const megabyte = 1024 * 1024;

/**
 * Joins options, variables and defaults. A wrong option throws a `SettingsError`. A wrong variable is ignored with a warning,
 * unless it decides whether, where or how much data leaves the process: then `wrong` is set, and nothing is recorded.
 */
export function readSettings(given: Options, environment: Environment): ReadSettings {
  const warnings: string[] = [];
  /** What is wrong with variables that must not be replaced by a default. */
  const wrong: string[] = [];
  if (typeof given !== 'object' || given === null) {
    throw new SettingsError('options', `expected an object of options, got ${typeof given}`);
  }
  const options = ownOnly(given);

  /** The option, else the variable, else undefined. @param faults - takes what is wrong with the variable, instead of a warning */
  function setting<T>(option: keyof Options, rule: Rule<T>, variable?: string, faults?: string[]): T | undefined {
    const given = options[option];
    if (given !== undefined && given !== null) {
      const result = rule.check(given);
      if (result.ok) return result.value;
      throw new SettingsError(option, `${option}: expected ${rule.expected}, got ${describe(option, given)}`);
    }
    return variable === undefined ? undefined : fromVariable(option, rule, variable, faults);
  }

  function fromVariable<T>(option: keyof Options, rule: Rule<T>, variable: string, faults?: string[]): T | undefined {
    const read = (environment[variable] ?? '').trim();
    if (read === '') return undefined;
    const result = rule.parse(read);
    if (result.ok) return result.value;
    const fault = `${variable}: expected ${rule.expected}, got ${describe(option, read)}`;
    if (faults === undefined) warnings.push(`${fault}; it is ignored`);
    else faults.push(fault);
    return undefined;
  }

  const sinks = checkSinks(options);
  // These variables do not matter if records go to the program's own sinks.
  const wrongForBackend = sinks === undefined ? wrong : [];
  const enabled = setting('enabled', strictBoolean, 'PANDAPROBE_ENABLED', wrong) ?? true;
  const apiKey = setting('apiKey', apiKeyRule, 'PANDAPROBE_API_KEY', wrongForBackend);
  const project = setting('projectName', projectName, 'PANDAPROBE_PROJECT_NAME', wrongForBackend);
  const url = setting('endpoint', endpoint, 'PANDAPROBE_ENDPOINT', wrongForBackend) ?? 'https://api.pandaprobe.com';
  const spoolDir = setting('spoolDir', directory, 'PANDAPROBE_SPOOL_DIR', wrongForBackend);
  // A default would send every trace, although only a share of them was meant to be sent.
  const sampleRate = setting('sampleRate', fraction, 'PANDAPROBE_SAMPLE_RATE', wrong) ?? 1;
  wrongForBackend.push(...proxyFault(transportEnvironment(environment), url));
  const seconds = setting('flushInterval', integer(0, 86_400, 1000), 'PANDAPROBE_FLUSH_INTERVAL');
  const exitSeconds = () => fromVariable('exitTimeoutMs', integer(0, 600, 1000), 'PANDAPROBE_EXIT_TIMEOUT');
  const settings: Settings = {
    apiKey,
    projectName: project,
    endpoint: url,
    environment: setting('environment', shortText, 'PANDAPROBE_ENVIRONMENT'),
    release: setting('release', shortText, 'PANDAPROBE_RELEASE'),
    enabled,
    batchSize: setting('batchSize', integer(1, 1e6), 'PANDAPROBE_BATCH_SIZE') ?? 10,
    flushIntervalMs: setting('flushIntervalMs', integer(0, 86_400_000)) ?? seconds ?? 5000,
    maxQueueSize: setting('maxQueueSize', integer(1, 1e9), 'PANDAPROBE_MAX_QUEUE_SIZE') ?? 10_000,
    maxQueueBytes: setting('maxQueueBytes', integer(1024, 2 ** 40), 'PANDAPROBE_MAX_QUEUE_BYTES') ?? 24 * megabyte,
    spoolDir,
    maxSpoolBytes: setting('maxSpoolBytes', integer(megabyte, 2 ** 40), 'PANDAPROBE_MAX_SPOOL_BYTES') ?? 512 * megabyte,
    worker: setting('worker', oneOf('auto', 'thread', 'inline'), 'PANDAPROBE_WORKER') ?? 'auto',
    live: setting('live', booleanOrAuto, 'PANDAPROBE_LIVE') ?? 'auto',
    sampleRate,
    alwaysKeepErrors: setting('alwaysKeepErrors', boolean) ?? false,
    joinOtel: setting('joinOtel', boolean) ?? false,
    mask: checkFunction(options, 'mask'),
    estimateCost: checkFunction(options, 'estimateCost'),
    captureInput: setting('captureInput', boolean) ?? true,
    captureOutput: setting('captureOutput', boolean) ?? true,
    maxValueBytes:
      setting('maxValueBytes', integer(256, 2 ** 30), 'PANDAPROBE_MAX_VALUE_BYTES') ?? defaultMaxValueBytes,
    console: setting('console', boolean, 'PANDAPROBE_CONSOLE') ?? false,
    sinks,
    exitTimeoutMs: setting('exitTimeoutMs', integer(0, 600_000)) ?? exitSeconds() ?? 5000,
    requestTimeoutMs: setting('requestTimeoutMs', integer(1, 600_000)) ?? 10_000,
    onError: checkFunction(options, 'onError'),
    debug: setting('debug', boolean, 'PANDAPROBE_DEBUG') ?? false,
    isServerless: isServerless(environment),
    wrong: enabled && wrong.length > 0 ? wrong.join('; ') : undefined,
    missing: enabled && sinks === undefined && wrong.length === 0 ? missingOf(apiKey, project) : undefined,
  };
  checkNames(options, settings);
  return { settings: Object.freeze(settings), warnings };
}

/** Which of the two needed settings is missing; undefined if both are there. */
function missingOf(apiKey: string | undefined, project: string | undefined): string | undefined {
  if (apiKey === undefined && project === undefined) return 'no API key and no project name';
  if (apiKey === undefined) return 'no API key';
  return project === undefined ? 'no project name' : undefined;
}

/** Refuses unknown names: a misspelt option must not silently become the default. */
function checkNames(options: Options, { isServerless: _, missing: __, wrong: ___, ...rest }: Settings): void {
  const names = [...Object.keys(rest), 'flushInterval'];
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw new SettingsError(name, `expected one of ${names.join(', ')}, got the option ${name}`);
  }
}

function checkFunction<K extends 'mask' | 'estimateCost' | 'onError'>(options: Options, name: K): Options[K] {
  const given = options[name];
  if (given === undefined || given === null || typeof given === 'function') return given ?? undefined;
  throw new SettingsError(name, `${name}: expected a function, got ${typeof given}`);
}

function checkSinks(options: Options): Options['sinks'] {
  const { sinks } = options;
  if (sinks === undefined || sinks === null) return undefined;
  const isFine = Array.isArray(sinks) && sinks.every((sink) => typeof sink?.trace === 'function');
  if (!isFine) throw new SettingsError('sinks', 'sinks: expected an array of sinks (objects with a trace method)');
  return [...sinks];
}

/** The given value, for a message. It never shows a key, in whichever option it was put by mistake. */
function describe(option: string, given: unknown): string {
  if (option === 'apiKey' || (typeof given === 'string' && given.includes('sk_pp_'))) return 'something else';
  // A URL's password is removed, too.
  if (typeof given === 'string') return JSON.stringify(given.slice(0, 300).replace(/[^/"']*@/g, '…@'));
  return typeof given === 'number' || typeof given === 'boolean' ? String(given) : typeof given;
}
