import { homedir } from 'node:os';
import { join } from 'node:path';

/** The settings of the command line that do not come from its arguments. */
export interface CommandEnvironment {
  /** Source: https://no-color.org */
  readonly noColor: boolean;
  /** The folder in which the user's programs keep their data. */
  readonly dataFolder: string;
  /** `PANDAPROBE_API_KEY` */
  readonly key: string | undefined;
  /** `PANDAPROBE_ENDPOINT` */
  readonly endpoint: string | undefined;
  /** `PANDAPROBE_PROJECT_NAME` */
  readonly project: string | undefined;
}

/** Reads the environment. Nothing else in the local server does. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): CommandEnvironment {
  return {
    noColor: filled(env.NO_COLOR) !== undefined,
    dataFolder: dataFolderOf(env),
    key: filled(env.PANDAPROBE_API_KEY),
    endpoint: filled(env.PANDAPROBE_ENDPOINT),
    project: filled(env.PANDAPROBE_PROJECT_NAME),
  };
}

/**
 * The environment for a program started by `run`: with our settings, and with a CommonJS file that Node loads first. With
 * `--import`, of whatever file, Node would load the program's first file by its ES module loader, which knows only its own file
 * extensions: programs of `ts-node` and other tools that compile in `require()` would not start.
 */
export function environmentFor(
  settings: Readonly<Record<string, string>>,
  firstFile: string,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const before = filled(env.NODE_OPTIONS);
  const NODE_OPTIONS = `${before === undefined ? '' : `${before} `}--require=${quoted(firstFile)}`;
  return { ...env, ...settings, NODE_OPTIONS };
}

/** Other tools split NODE_OPTIONS at spaces without a look at quotes, so there are quotes only where Node needs them. */
function quoted(path: string): string {
  return /[\s"\\]/.test(path) ? `"${path.replaceAll(/["\\]/g, '\\$&')}"` : path;
}

function dataFolderOf(env: NodeJS.ProcessEnv): string {
  const given = filled(env.XDG_DATA_HOME);
  if (given !== undefined) return given;
  if (process.platform === 'win32') return filled(env.LOCALAPPDATA) ?? join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  return join(homedir(), '.local', 'share');
}

function filled(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
