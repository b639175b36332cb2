import { commands } from '../../lib/local/program.js';

/** Which options of which commands a file of specs has used. */
export class UsedOptions {
  readonly #used = new Set<string>();

  /** Notes the options in a command line. */
  note(args: string): void {
    const [command, ...rest] = args.split(' ');
    for (const word of rest) if (word.startsWith('--')) this.#used.add(`${command} ${word.replace(/=.*/, '')}`);
  }

  /** The options, `--json` included, of these commands that were never noted. */
  missing(isAsked: (command: string) => boolean): string[] {
    return commands
      .filter(({ name }) => isAsked(name))
      .flatMap(({ name, options }) => [...Object.keys(options), 'json'].map((option) => `${name} --${option}`))
      .filter((each) => !this.#used.has(each));
  }
}

/** The commands that compare and judge. */
export const judging: readonly string[] = ['compare', 'session', 'score'];

/** The commands that run until they are stopped, or start another program. */
export const starting: readonly string[] = ['run', 'doctor', 'local', 'demo', 'tail', 'open', 'mcp', 'completions'];

/** Commands that have files of specs of their own. */
export const elsewhere: readonly string[] = [...judging, ...starting, 'steps'];
