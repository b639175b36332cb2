import type { Project } from '../store/projects.js';
import type { Store } from '../store/store.js';
import { parseUuid } from '../wire/fields.js';
import { Issues } from '../wire/issues.js';
import { Query } from '../wire/query.js';
import { type Answer, AnswerError, invalid } from './answer.js';

/** One request of an API call, as its handler sees it. */
export interface ApiCall {
  readonly store: Store;
  /** The project the request is about. */
  readonly project: Project;
  /** The decoded parts of the path, by their names in the pattern's braces. */
  readonly path: Readonly<Record<string, string>>;
  readonly params: URLSearchParams;
  /** The parsed body; undefined when there is none. */
  readonly body: unknown;
  /** The text of the body; empty when there is none. */
  readonly text: string;
}

/** Answers a call. */
export type Handler = (call: ApiCall) => Answer | Promise<Answer>;

/** The UUID in the path. @throws AnswerError with 422 if it is not a UUID */
export function pathId(call: ApiCall, name: string): string {
  const id = parseUuid(call.path[name]);
  if (id !== undefined) return id;
  throw new AnswerError(invalid([{ field: `path -> ${name}`, message: 'Input should be a valid UUID' }]));
}

/** Reads the body with `read`. @throws AnswerError with 422 if `read` finds a fault */
export function readBody<T>(call: ApiCall, read: (body: unknown, issues: Issues) => T): NonNullable<T> {
  const issues = new Issues();
  const value = read(call.body, issues);
  if (issues.list.length > 0 || value === undefined || value === null) throw new AnswerError(invalid(issues.list));
  return value;
}

/** Reads the parameters with `read`. @throws AnswerError with 422 if `read` finds a fault */
export function readQuery<T>(call: ApiCall, read: (query: Query) => T): T {
  const query = new Query(call.params);
  const value = read(query);
  if (query.issues.list.length > 0) throw new AnswerError(invalid(query.issues.list));
  return value;
}
