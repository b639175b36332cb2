import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, readEnvironment } from '../../config/environment.js';
import type { Settings } from '../../config/options.js';
import { readSettings } from '../../config/settings.js';
import { type Finding, findings } from './finding.js';
import { nearestManifest } from './manifest.js';

/** The settings that a program started here would have, unless it sets others in code. */
export function readOwnSettings(): {
  readonly settings: Settings;
  readonly warnings: readonly string[];
  readonly environment: Environment;
} {
  const environment = readEnvironment();
  return { ...readSettings({}, environment), environment };
}

/** Reports the settings and where they come from. Of the key, only whether it is set. */
export function settingsFindings(folder: string): readonly Finding[] {
  const { ok, warning, fault } = findings('settings');
  const { settings, warnings, environment } = readOwnSettings();
  const from = (variable: string) => (environment[variable] ? `from ${variable}` : 'by default');
  const found: Finding[] = [];
  if (!settings.enabled) found.push(fault('PANDAPROBE_ENABLED is false: nothing is recorded'));
  if (settings.wrong !== undefined) found.push(fault(`${settings.wrong}: nothing is recorded`));
  if (settings.missing !== undefined)
    found.push(fault(`${settings.missing}: nothing is recorded, unless init() is given them`));
  if (settings.sampleRate === 0) found.push(fault('PANDAPROBE_SAMPLE_RATE is 0: no trace is sent'));
  else if (settings.sampleRate < 1)
    found.push(ok(`sample rate: ${settings.sampleRate} of all traces is sent, from PANDAPROBE_SAMPLE_RATE`));
  if (settings.apiKey !== undefined) found.push(ok('key: set, from PANDAPROBE_API_KEY'));
  if (settings.projectName !== undefined)
    found.push(ok(`project: ${settings.projectName}, from PANDAPROBE_PROJECT_NAME`));
  if (settings.wrong === undefined) found.push(ok(`endpoint: ${settings.endpoint}, ${from('PANDAPROBE_ENDPOINT')}`));
  found.push(...warnings.map(warning), ...fileFindings(folder, environment));
  return found;
}

/** Reports variables in `.env` files, which count only for a program that loads the file. */
function fileFindings(folder: string, environment: Environment): readonly Finding[] {
  const names = ['.env', '.env.local'].flatMap((file) => {
    return [...textOf(join(folder, file)).matchAll(/^\s*(?:export\s+)?(PANDAPROBE_\w+)\s*=/gm)].map(
      ([, name = '']) => ({ file, name }),
    );
  });
  const unread = names.filter(({ name }) => !environment[name]);
  if (unread.length === 0) return [];
  const list = unread.map(({ file, name }) => `${name} in ${file}`).join(', ');
  return [
    findings('settings').warning(`${list}: counts only where the program loads the file, such as by node --env-file`),
  ];
}

/** A file's text; empty if the file does not exist or cannot be read. (Python projects often have a folder named `.env`.) */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Reports whether programs here are started with `pandaprobe-ts/auto`. */
export function autoFindings(folder: string): readonly Finding[] {
  const { ok } = findings('auto');
  const { environment } = readOwnSettings();
  const isHooked = (text: unknown) =>
    typeof text === 'string' && /pandaprobe-ts\/(?:auto\b|dist\/(?:esm|cjs)\/auto\.)/.test(text);
  const found: Finding[] = [];
  if (isHooked(environment.NODE_OPTIONS))
    found.push(ok('NODE_OPTIONS loads pandaprobe-ts/auto: every Node program started here is recorded'));
  for (const [name, script] of Object.entries(Object(nearestManifest(folder).scripts))) {
    if (isHooked(script)) found.push(ok(`the script ${name} of package.json loads pandaprobe-ts/auto`));
    else if (/\bpandaprobe-ts run\b/.test(`${script}`))
      found.push(ok(`the script ${name} of package.json records its program with pandaprobe-ts run`));
  }
  if (found.length === 0)
    found.push(ok('nothing here loads pandaprobe-ts/auto: what is not wrapped in code is not recorded'));
  const only = environment.PANDAPROBE_AUTO;
  if (only) found.push(ok(`PANDAPROBE_AUTO narrows it to ${only}`));
  return found;
}

/** Reports items in the spool folder that wait for a program to send them. */
export function spoolFindings(): readonly Finding[] {
  const { ok, warning, fault } = findings('spool');
  const { spoolDir } = readOwnSettings().settings;
  if (spoolDir === undefined) return [ok('no spool folder: what is not sent when a process is killed is lost')];
  try {
    const files = readdirSync(spoolDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
    if (files.length === 0) return [ok(`${spoolDir} is empty`)];
    return [
      warning(
        `${spoolDir} holds ${files.length} files, ${bytes} bytes: sent by the next program with the same settings`,
      ),
    ];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return [code === 'ENOENT' ? ok(`${spoolDir} is not there yet`) : fault(`${spoolDir} cannot be read: ${code}`)];
  }
}
