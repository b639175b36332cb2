import { type CommandContext, textOption } from '../command-line/command.js';
import { isNear } from '../command-line/near.js';
import { printable } from '../command-line/terminal.js';
import { LocalFailure } from '../failure.js';
import type { Api } from './api.js';

/** A project as a local server lists it. */
interface ProjectAt {
  readonly project_id: string;
  readonly name: string;
  readonly trace_count: number;
  readonly last_trace_at: string | null;
}

/** The projects of a local server, the last used first; undefined for a server that does not list them. */
export async function projectsAt(api: Api): Promise<readonly ProjectAt[] | undefined> {
  try {
    const { items } = await api.get<{ items?: readonly ProjectAt[] }>('/local/projects');
    return items;
  } catch (error) {
    // The platform has no such call: it answers 404, or asks for a project first.
    if (error instanceof LocalFailure && (error.ending === 'notFound' || error.ending === 'usage')) return undefined;
    throw error;
  }
}

/** Source: backend-contract.md, *Project name*. */
export function checkProjectName(context: CommandContext, name: string): void {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9 \-_.']{0,253}[A-Za-z0-9])?$/.test(name)) return;
  const where = textOption(context, 'project') === undefined ? 'PANDAPROBE_PROJECT_NAME' : '--project';
  const rule = "1 to 255 letters, digits, spaces, '-', '_', '.' and apostrophes, with a letter or digit at both ends";
  throw new LocalFailure('usage', `${where} expects ${rule}, got ${JSON.stringify(name.slice(0, 300))}`);
}

/** Lists the projects, and suggests the one with a similar name. */
export function unknownProject(name: string, there: readonly ProjectAt[]): LocalFailure {
  if (there.length === 0) return new LocalFailure('notFound', `There is no project ${name}, nor any other.`);
  const names = there.map((each) => printable(each.name));
  const near = names.find((each) => isNear(each.toLowerCase(), name.toLowerCase()));
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  return new LocalFailure(
    'notFound',
    `There is no project ${name}.${hint} There are: ${names.slice(0, 10).join(', ')}${more}.`,
  );
}
