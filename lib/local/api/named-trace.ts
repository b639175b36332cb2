import type { CommandContext } from '../command-line/command.js';
import { LocalFailure } from '../failure.js';
import type { TraceListItem } from '../store/trace-list.js';
import { parseUuid } from '../wire/fields.js';
import { Api, type ApiPage, maxPage } from './api.js';
import { projectsAt } from './projects-at.js';

/** How many of the newest traces are searched for the start of an id. */
const maxSearched = 2000;

/** A trace, and the project it is in. */
interface NamedTrace {
  readonly api: Api;
  readonly traceId: string;
}

/**
 * Finds the trace that an argument names: by its id, or by the start of its id; without an argument, the newest. If no project is
 * named, an id is looked up in all projects that the server lists.
 *
 * @throws LocalFailure when there is none, or more than one
 */
export async function findTrace(context: CommandContext, given: string | undefined): Promise<NamedTrace> {
  if (given?.trim() === '') throw new LocalFailure('usage', 'expected the id of a trace, got an empty text');
  const api = await Api.of(context);
  const whole = parseUuid(given);
  const start = given?.toLowerCase() ?? '';
  const found = await inOneProject(api, whole, start);
  if (found !== undefined) return { api, traceId: found };
  if (!api.isNamed && start !== '') {
    for (const { name } of (await projectsAt(api)) ?? []) {
      const other = api.for(name);
      const traceId = name === api.project ? undefined : await inOneProject(other, whole, start);
      if (traceId !== undefined) return { api: other, traceId };
    }
  }
  const where = api.isNamed || start === '' ? `in project ${api.project}` : `at ${api.endpoint}`;
  if (start === '') throw new LocalFailure('notFound', `There is no trace ${where}.`);
  if (whole !== undefined) throw new LocalFailure('notFound', `There is no trace ${whole} ${where}.`);
  const among = maxSearched.toLocaleString('en-US');
  throw new LocalFailure('notFound', `None of the last ${among} traces ${where} has an id that starts with ${start}.`);
}

async function inOneProject(api: Api, whole: string | undefined, start: string): Promise<string | undefined> {
  if (whole !== undefined) return (await isThere(api, whole)) ? whole : undefined;
  const found: string[] = [];
  for (let offset = 0; offset < maxSearched; offset += maxPage) {
    const params = { limit: start === '' ? 1 : maxPage, offset };
    const { items } = await api.get<ApiPage<TraceListItem>>('/traces', params);
    found.push(...items.map(({ trace_id: id }) => id).filter((id) => id.startsWith(start)));
    if (start === '' || items.length < maxPage) break;
  }
  if (found.length > 1)
    throw new LocalFailure('usage', `${found.length} traces start with ${start}: give more of the id.`);
  return found[0];
}

/** Whether a trace is in the project. */
export async function isThere(api: Api, traceId: string): Promise<boolean> {
  return (await api.getIfThere(`/traces/${traceId}`)) !== undefined;
}
