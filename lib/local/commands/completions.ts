import { type Command, type CommandContext, commonOptions } from '../command-line/command.js';
import { LocalFailure } from '../failure.js';

const shells = ['bash', 'zsh', 'fish'] as const;

/** `completions`: completion code for a shell, made from the table of commands. */
export function completions(all: () => readonly Command[]): Command {
  return {
    name: 'completions',
    usage: '<shell>',
    summary: `print a script that completes commands and options in ${shells.join(', ')}`,
    options: {},
    maxArgs: 1,
    argChoices: shells,
    examples: [
      ['source <(pandaprobe-ts completions bash)', 'in ~/.bashrc'],
      ['source <(pandaprobe-ts completions zsh)', 'in ~/.zshrc, after compinit'],
      ['pandaprobe-ts completions fish > ~/.config/fish/completions/pandaprobe-ts.fish', 'once'],
    ],
    async run({ args: [shell], terminal }: CommandContext) {
      const written = shells.find((each) => each === shell);
      if (written === undefined)
        throw new LocalFailure('usage', `completions expects ${shells.join(', ')}, got ${shell ?? 'nothing'}`);
      terminal.out(written === 'fish' ? fish(all()) : written === 'zsh' ? zsh(all()) : bash(all()));
    },
  };
}

/** The words that may follow a command, and the values that may follow an option. */
function bash(commands: readonly Command[]): string {
  return `# pandaprobe-ts, for bash
_pandaprobe_ts() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.map(({ name }) => name).join(' ')} --help --version"
  else
    case "$command $before" in
${valueCases(commands)}
    *) case "$command" in
${commands.map((command) => `      ${command.name}) words="${wordsOf(command)}" ;;`).join('\n')}
      esac ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _pandaprobe_ts pandaprobe-ts`;
}

function zsh(commands: readonly Command[]): string {
  return `#compdef pandaprobe-ts
_pandaprobe_ts() {
  local command="\${words[2]}" before="\${words[CURRENT-1]}"
  if (( CURRENT == 2 )); then
    local -a names=(
${commands.map(({ name, summary }) => `      ${quoted(`${name}:${summary}`)}`).join('\n')}
    )
    _describe command names
    return
  fi
  case "$command $before" in
${valueCases(commands, (values) => `compadd -- ${values}`)}
    *) case "$command" in
${commands.map((command) => `      ${command.name}) compadd -- ${wordsOf(command)} ;;`).join('\n')}
      esac
      _files ;;
  esac
}
compdef _pandaprobe_ts pandaprobe-ts`;
}

function fish(commands: readonly Command[]): string {
  const lines = ['# pandaprobe-ts, for fish'];
  for (const command of commands) {
    lines.push(
      `complete -c pandaprobe-ts -n __fish_use_subcommand -f -a ${command.name} -d ${quoted(command.summary)}`,
    );
    const of = `complete -c pandaprobe-ts -n '__fish_seen_subcommand_from ${command.name}'`;
    if (command.argChoices !== undefined) lines.push(`${of} -f -a ${quoted(command.argChoices.join(' '))}`);
    for (const [name, option] of Object.entries({ ...command.options, ...commonOptions })) {
      const short = option.short === undefined ? '' : ` -s ${option.short}`;
      const values = option.choices === undefined ? '' : ` -f -a ${quoted(option.choices.join(' '))}`;
      const takes = option.type === 'string' ? ' -r' : '';
      lines.push(`${of} -l ${name}${short}${takes}${values} -d ${quoted(option.about)}`);
    }
  }
  return lines.join('\n');
}

/** One shell case for each option whose values are known. */
function valueCases(commands: readonly Command[], use = (values: string) => `words="${values}"`): string {
  const cases = commands.flatMap((command) =>
    Object.entries(command.options).flatMap(([name, { choices }]) =>
      choices === undefined ? [] : [`    "${command.name} --${name}") ${use(choices.join(' '))} ;;`],
    ),
  );
  return cases.join('\n');
}

function wordsOf({ options, argChoices = [] }: Command): string {
  return [...argChoices, ...Object.keys({ ...options, ...commonOptions }).map((name) => `--${name}`)].join(' ');
}

/** Quotes a text as one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
