import type { FilterText } from '../wire/filter-text.js';
import type { PageRange } from '../wire/query.js';
import type { Database } from './database.js';
import { matchOf, mostCountedFor, type RowRange } from './filter-sql.js';
import type { TraceFilter } from './trace-list.js';

/** How many hits of a word are counted to find out whether it is common. */
const hitsLookedAt = 20_000;

/**
 * Whether the filter is only one word, and more traces of the project have it than are counted. Then the traces are read in the
 * order of the list until the page is full, instead of all hits being sorted.
 */
export function isCommonWord(
  database: Database,
  project: number,
  filter: TraceFilter,
  { texts, limits, tags, words }: FilterText,
  page: PageRange,
  hasWords: boolean,
): boolean {
  const others = [...Object.values(filter), ...Object.values(texts), ...Object.values(limits)];
  const [word] = words;
  if (!hasWords || word === undefined || words.length > 1 || tags.length > 0) return false;
  if (others.some((value) => value !== undefined && !(Array.isArray(value) && value.length === 0))) return false;
  const match = matchOf(word);
  if (match === '') return false;
  const most = mostCountedFor(page);
  const sql = `SELECT count(*) AS hits FROM (SELECT 1
    FROM (SELECT rowid AS hit FROM search WHERE search MATCH ? LIMIT ${hitsLookedAt}) CROSS JOIN traces ON id = hit
    WHERE project = ? LIMIT ${most + 1})`;
  return Number(database.prepareOnce(sql).get(match, project)?.hits) > most;
}

/** The range of row ids of a list's first traces. */
interface Neighbours extends RowRange {
  /** When the last of them started; undefined if there are no other traces. */
  readonly last: number | undefined;
}

/**
 * The traces that probably contain a page of hits of a common word: the first of the list. Traces mostly arrive in the order in which
 * they start, so their row ids are close together, and looking up the word in that range takes a fraction of the time. Undefined if
 * they are not.
 */
export function neighboursOf(
  database: Database,
  project: number,
  direction: 'ASC' | 'DESC',
  { offset, limit }: PageRange,
): Neighbours | undefined {
  const most = 4 * (offset + limit) + 200;
  const row = database
    .prepareOnce(
      `SELECT count(*) AS found, min(id) AS low, max(id) AS high, min(started) AS oldest, max(started) AS newest
       FROM (SELECT id, started FROM traces WHERE project = ? ORDER BY started ${direction}, id ${direction} LIMIT ?)`,
    )
    .get(project, most);
  const [low, high] = [Number(row?.low), Number(row?.high)];
  if (high - low > 10 * most) return undefined;
  const last = Number(direction === 'ASC' ? row?.newest : row?.oldest);
  return { low, high, last: Number(row?.found) < most ? undefined : last };
}
