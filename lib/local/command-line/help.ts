import { type Command, commonOptions, type Option } from './command.js';
import type { Paint } from './terminal.js';

/** The help of the program. */
export function programHelp(commands: readonly Command[], paint: Paint): string[] {
  const width = Math.max(...commands.map((command) => usageOf(command).length));
  return [
    'A local server and viewer for traces of AI agents, and commands to look at them.',
    '',
    `${paint('bold', 'Usage')}  pandaprobe-ts <command> [options]`,
    '',
    ...commands.map((command) => `  ${usageOf(command).padEnd(width)}  ${command.summary}`),
    '',
    'pandaprobe-ts <command> --help has the options and examples of each. --version prints the version.',
  ];
}

/** The help of one command. */
export function commandHelp(command: Command, paint: Paint): string[] {
  const options = Object.entries({ ...command.options, ...commonOptions });
  const names = options.map(([name, option]) => nameOf(name, option));
  const width = Math.max(...names.map((name) => name.length));
  const lines = Math.max(...command.examples.map(([line]) => line.length));
  return [
    `${paint('bold', 'Usage')}  pandaprobe-ts ${usageWithOptions(command)}`,
    '',
    `  ${command.summary}`,
    '',
    paint('bold', 'Options'),
    ...options.map(([, option], at) => `  ${(names[at] ?? '').padEnd(width)}  ${option.about}`),
    '',
    paint('bold', 'Examples'),
    ...command.examples.map(([line, what]) => `  ${line.padEnd(lines)}  ${paint('dim', what)}`),
  ];
}

function usageOf({ name, usage }: Command): string {
  return usage === undefined ? name : `${name} ${usage}`;
}

/** Options stand before `--`: what follows it belongs to the program that is run. */
function usageWithOptions(command: Command): string {
  const usage = usageOf(command);
  return usage.includes(' -- ') ? usage.replace(' -- ', ' [options] -- ') : `${usage} [options]`;
}

function nameOf(name: string, { short, value }: Option): string {
  const long = `--${name}${value === undefined ? '' : ` ${value}`}`;
  return short === undefined ? long : `-${short}, ${long}`;
}
