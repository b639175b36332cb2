import type { PageRange } from '../wire/query.js';
import { formatTime } from '../wire/time.js';
import type { Database } from './database.js';
import { packedSpans, readPacked } from './packed-trace.js';
import type { Project } from './projects.js';
import { timeOrNull } from './span-body.js';
import type { Row } from './sqlite.js';
import { numberOrNull, textOrNull } from './trace-list.js';

const columns = 'traces.*, input, output, metadata, request';
const from = 'traces JOIN trace_values ON trace_values.trace = traces.id';

/**
 * One trace with its spans, as JSON text. Columns with JSON are inserted without being parsed. Source: OpenAPI, `TraceResponse`,
 * and its totals. Undefined when there is no such trace.
 */
export function readTraceJson(database: Database, project: Project, traceId: string): string | undefined {
  const row = database.get(
    `SELECT ${columns} FROM ${from} WHERE trace_id = ? AND project = ?`,
    ...[traceId, project.key],
  );
  return row === undefined ? undefined : traceJson(database, project, row);
}

/** The traces of a session, oldest first, each as returned by {@link readTraceJson}. */
export function readSessionTracesJson(
  database: Database,
  project: Project,
  sessionId: string,
  page: PageRange,
): string[] {
  const rows = database.all(
    `SELECT ${columns} FROM ${from} WHERE project = ? AND session_id = ? ORDER BY started, traces.id LIMIT ? OFFSET ?`,
    ...[project.key, sessionId, page.limit, page.offset],
  );
  return rows.map((row) => traceJson(database, project, row));
}

function traceJson(database: Database, project: Project, row: Row): string {
  const head = {
    trace_id: row.trace_id,
    project_id: project.projectId,
    name: row.name,
    status: row.status,
    started_at: formatTime(Number(row.started)),
    ended_at: timeOrNull(numberOrNull(row.ended)),
    session_id: textOrNull(row.session_id),
    user_id: textOrNull(row.user_id),
    environment: textOrNull(row.environment),
    release: textOrNull(row.release),
    total_tokens: row.total_tokens,
    total_cost: row.total_cost,
  };
  const values = typeof row.request === 'string' ? packedValues(row, row.request) : storedValues(database, row);
  const tail = Object.entries({ tags: row.tags, ...values }).map(([name, json]) => `"${name}":${json}`);
  return `${JSON.stringify(head).slice(0, -1)},${tail.join(',')}}`;
}

/** JSON texts. */
interface Values {
  readonly input: unknown;
  readonly output: unknown;
  readonly metadata: unknown;
  readonly spans: string;
}

function storedValues(database: Database, row: Row): Values {
  const spans = database.all('SELECT body FROM spans WHERE trace = ? ORDER BY started, span_id', Number(row.id));
  return {
    input: row.input ?? 'null',
    output: row.output ?? 'null',
    metadata: row.metadata,
    spans: `[${spans.map((span) => span.body).join(',')}]`,
  };
}

function packedValues(row: Row, request: string): Values {
  const trace = readPacked(request);
  return {
    input: JSON.stringify(trace.input),
    output: JSON.stringify(trace.output),
    metadata: JSON.stringify(trace.metadata),
    spans: JSON.stringify(packedSpans(String(row.trace_id), trace)),
  };
}
