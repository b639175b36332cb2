import { createHash } from 'node:crypto';
import type { Api } from './api.js';
import { projectsAt } from './projects-at.js';

type JsonValue = Readonly<Record<string, unknown>>;

/** Tells whether an exported trace is of another project than the one it is imported into. */
export class OtherProjects {
  readonly #own: string;
  readonly #nameById: ReadonlyMap<string, string>;
  /** Whether the server lists its projects, as a local one does. */
  readonly isLocal: boolean;

  private constructor(own: string, isLocal: boolean, nameById: ReadonlyMap<string, string>) {
    this.#own = own;
    this.isLocal = isLocal;
    this.#nameById = nameById;
  }

  static async of(api: Api): Promise<OtherProjects> {
    const there = await projectsAt(api);
    const names = (there ?? []).map(({ project_id: id, name }) => [id, name] as const);
    return new OtherProjects(api.project, there !== undefined, new Map(names));
  }

  /**
   * The other project that a trace comes from: the name in the export, or the server's name for the project id in it. Undefined
   * for the same project, also on another server, and for a trace that names no project.
   */
  nameOf({ project, project_id: id }: JsonValue): string | undefined {
    const name = typeof project === 'string' ? project : typeof id === 'string' ? this.#nameById.get(id) : undefined;
    return name === this.#own ? undefined : name;
  }
}

/**
 * A trace with ids of its own: on the platform an id belongs to one project. The same trace gets the same new ids each time, so a
 * repeated import is no second copy.
 */
export function asCopy(trace: JsonValue, project: string): JsonValue {
  const traceId = String(trace.trace_id);
  const spans = Array.isArray(trace.spans) ? (trace.spans as JsonValue[]) : [];
  const own = new Set(spans.map(({ span_id: id }) => id));
  const other = (id: unknown) => (typeof id === 'string' ? newId(`${project}\n${traceId}\n${id}`) : id);
  return {
    ...trace,
    trace_id: other(trace.trace_id),
    spans: spans.map((span) => ({
      ...span,
      span_id: other(span.span_id),
      parent_span_id: own.has(span.parent_span_id) ? other(span.parent_span_id) : span.parent_span_id,
    })),
  };
}

/** Source: RFC 9562, *UUID Version 8*: all bits except version and variant are free. */
function newId(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
