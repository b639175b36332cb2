import { Api, endpointOf } from '../api/api.js';
import { projectsAt } from '../api/projects-at.js';
import { type Command, hasOption, serverOptions, textOption } from '../command-line/command.js';
import { count, plural } from '../command-line/number-text.js';
import { printable, table } from '../command-line/terminal.js';
import { LocalFailure } from '../failure.js';
import { localTime } from './list.js';

const { project: _, ...where } = serverOptions;

/** `projects`: the projects of a local server. */
export const projects: Command = {
  name: 'projects',
  summary: 'list the projects of a local server, the last used first',
  options: where,
  examples: [
    ['pandaprobe-ts projects', 'with the number of traces in each'],
    ['pandaprobe-ts projects --json', 'the same, one JSON object on each line'],
  ],
  async run(context) {
    const endpoint = endpointOf(context);
    const api = new Api(endpoint, textOption(context, 'key') ?? context.environment.key ?? 'local', '', context.signal);
    const found = await projectsAt(api);
    if (found === undefined)
      throw new LocalFailure(
        'usage',
        `${endpoint} is no local server: the platform lists its projects on its own pages only`,
      );
    const { terminal } = context;
    if (hasOption(context, 'json')) {
      for (const each of found) terminal.out(JSON.stringify(each));
      return;
    }
    const rows = found.map(({ name, trace_count: traces, last_trace_at: last }) => [
      { text: printable(name), painted: terminal.paint('bold', printable(name)) },
      { text: count(traces), right: true },
      { text: last === null ? '' : localTime(last) },
    ]);
    const head = ['project', 'traces', 'last'].map((text) => ({ text, painted: terminal.paint('dim', text) }));
    if (found.length > 0) for (const line of table([head, ...rows])) terminal.out(line);
    terminal.note(terminal.paint('dim', plural(found.length, 'project')));
  },
};
