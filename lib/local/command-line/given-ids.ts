import { LocalFailure } from '../failure.js';
import { parseUuid } from '../wire/fields.js';
import { linesOf } from './lines-of.js';

/**
 * The given ids; for `-`, those from standard input. They must be complete, because the start of an id may match another trace
 * tomorrow.
 */
export async function givenIds(command: string, given: readonly string[]): Promise<string[]> {
  const ids = new Set<string>();
  for (const text of given) {
    if (text !== '-') addId(command, ids, text);
    else for await (const lines of linesOf(process.stdin)) for (const line of lines) addId(command, ids, line.text);
  }
  return [...ids];
}

function addId(command: string, ids: Set<string>, text: string): void {
  const line = text.trim();
  if (line === '') return;
  const id = parseUuid(line) ?? parseUuid(fieldOf(line));
  if (id === undefined)
    throw new LocalFailure('usage', `${command} expects whole ids, got ${JSON.stringify(line.slice(0, 100))}`);
  ids.add(id);
}

/** The id in a line of JSON, as `list --json` prints it. */
function fieldOf(line: string): unknown {
  try {
    return (JSON.parse(line) as { trace_id?: unknown } | null)?.trace_id;
  } catch {
    return undefined;
  }
}
