import { parseArgs } from 'node:util';
import { errorText } from '../common/error-text.js';
import { VERSION } from '../common/version.js';
import { type Command, commonOptions, type OptionValue } from './command-line/command.js';
import { commandHelp, programHelp } from './command-line/help.js';
import { isNear } from './command-line/near.js';
import { printable, type Terminal } from './command-line/terminal.js';
import { compare } from './commands/compare.js';
import { completions } from './commands/completions.js';
import { deleteTraces } from './commands/delete.js';
import { demo } from './commands/demo.js';
import { doctor } from './commands/doctor.js';
import { exportTraces } from './commands/export.js';
import { importTraces } from './commands/import.js';
import { list } from './commands/list.js';
import { local } from './commands/local.js';
import { mcp } from './commands/mcp.js';
import { open } from './commands/open.js';
import { projects } from './commands/projects.js';
import { run } from './commands/run.js';
import { score } from './commands/score.js';
import { session } from './commands/session.js';
import { sessions } from './commands/sessions.js';
import { show } from './commands/show.js';
import { stats } from './commands/stats.js';
import { steps } from './commands/steps.js';
import { tail } from './commands/tail.js';
import type { CommandEnvironment } from './environment.js';
import { exitCodes, LocalFailure } from './failure.js';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  ...[run, doctor, local, demo, list, show, compare, tail, open, steps, sessions, session, stats, projects],
  ...[score, exportTraces, importTraces, deleteTraces, mcp, completions(() => commands)],
];

/** Runs the command line. @returns the exit code */
export async function runProgram(
  args: readonly string[],
  terminal: Terminal,
  environment: CommandEnvironment,
  signal: AbortSignal,
): Promise<number> {
  try {
    return (await dispatch(args, terminal, environment, signal)) ?? exitCodes.ok;
  } catch (error) {
    const reason = errorText(error);
    const ending = error instanceof LocalFailure ? error.ending : 'failed';
    const exitCode = exitCodes[ending];
    // Read before the options are parsed, because a wrong command line has no parsed options.
    const isJson = args.includes('--json') && !args.slice(0, args.indexOf('--json')).includes('--');
    // A message may quote a file or a server.
    const safe = reason.split('\n').map(printable).join('\n');
    terminal.note(isJson ? JSON.stringify({ error: reason, ending, exitCode }) : `pandaprobe-ts: ${safe}`);
    return exitCode;
  }
}

async function dispatch(
  [name, ...rest]: readonly string[],
  terminal: Terminal,
  environment: CommandEnvironment,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (name === '--version' || name === '-v') {
    terminal.out(VERSION);
    return undefined;
  }
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    for (const line of programHelp(commands, terminal.paint)) terminal.out(line);
    return undefined;
  }
  const command = commands.find((each) => each.name === name);
  if (command === undefined) {
    const names = commands.map((each) => each.name);
    const like = names.find((each) => isNear(each, name));
    const hint = like === undefined ? '' : ` Did you mean ${like}?`;
    throw new LocalFailure(
      'usage',
      `there is no command ${name}.${hint} There are ${names.join(', ')}; --help tells more.`,
    );
  }
  const { options, args } = parse(command, rest);
  if (options.help === true) {
    for (const line of commandHelp(command, terminal.paint)) terminal.out(line);
    return undefined;
  }
  return (await command.run({ terminal, environment, options, args, signal })) ?? undefined;
}

function parse(command: Command, args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...command.options, ...commonOptions },
      allowPositionals: true,
    });
    if (positionals.length > (command.maxArgs ?? 0)) {
      throw new Error(`unexpected argument ${positionals[command.maxArgs ?? 0]}`);
    }
    return { options: values as Readonly<Record<string, OptionValue>>, args: positionals }; // the option table has texts and switches only
  } catch (error) {
    const reason = unknownOption(command, error) ?? errorText(error);
    const line = reason.replace(/\.?\s*$/, '').replace(/\s*\n\s*/g, ' ');
    throw new LocalFailure(
      'usage',
      `${line}${line.endsWith('?') ? '' : '.'} See pandaprobe-ts ${command.name} --help`,
      { cause: error },
    );
  }
}

/** The message for an option that the command does not have, with the most similar one that it has. */
function unknownOption(command: Command, error: unknown): string | undefined {
  const given = error instanceof Error ? /^Unknown option '-+([^'=]+)/.exec(error.message)?.[1] : undefined;
  if (given === undefined) return undefined;
  const names = Object.keys({ ...command.options, ...commonOptions });
  const like = names.find((name) => isNear(name, given));
  return `${command.name} has no option --${given}${like === undefined ? '' : `. Did you mean --${like}?`}`;
}
