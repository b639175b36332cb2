import { LocalFailure } from '../failure.js';
import type { Api, ApiTrace } from './api.js';
import { eachOf } from './each-of.js';
import { readScores } from './scores-of.js';
import { underWay } from './under-way.js';

interface Listed {
  readonly trace_id: string;
}

/** The texts of some traces, in order, without traces that were removed since they were listed. */
export type TextsOf = (traces: readonly Listed[]) => AsyncIterable<string>;

/**
 * How many traces are requested at once, so that the server can answer other calls in between, and the first traces come soon.
 */
const maxAtOnce = 100;

/** Exports many traces with one call of a local server; undefined if the server does not have that call. */
export async function textsAtOnce(api: Api, some: readonly Listed[]): Promise<TextsOf | undefined> {
  if (some.length === 0) return undefined;
  const ask = (traces: readonly Listed[]) =>
    api.readLines('/local/export', { trace_ids: traces.slice(0, maxAtOnce).map(({ trace_id: id }) => id) });
  try {
    await ask(some.slice(0, 1));
  } catch (error) {
    // The platform does not have this call: it answers 404 or 405.
    if (error instanceof LocalFailure && error.ending !== 'interrupted') return undefined;
    throw error;
  }
  return async function* (traces) {
    if (traces.length === 0) return;
    for (let at = 0, next = underWay(ask(traces)); at < traces.length; ) {
      const lines = await next;
      if (lines.length === 0) throw new LocalFailure('unreachable', `The server at ${api.endpoint} answered nothing.`);
      at += lines.length;
      // Requested while the current ones are written.
      if (at < traces.length) next = underWay(ask(traces.slice(at)));
      for (const line of lines) if (line !== 'null') yield line;
    }
  };
}

/** Exports traces with the backend's calls: one for each trace, a few at a time. */
export async function textsOneByOne(api: Api, traces: number): Promise<TextsOf> {
  const { of } = await readScores(api, traces);
  return async function* (some) {
    const texts = await eachOf(some, async ({ trace_id: id }) => {
      const trace = await api.getIfThere<ApiTrace>(`/traces/${id}`);
      return trace && JSON.stringify({ project: api.project, ...trace, scores: await of(id) });
    });
    for (const text of texts) if (text !== undefined) yield text;
  };
}
