import { isPackable } from '../store/packed-trace.js';
import type { ImportedTrace } from '../store/store.js';
import { isObject } from '../wire/fields.js';
import { scoreLengthFault } from '../wire/platform-faults.js';
import { readTrace } from '../wire/records.js';
import { readScore, type ScoreInput } from '../wire/scores.js';
import { AnswerError, answer, refusal } from './answer.js';
import { type ApiCall, type Handler, readBody } from './call.js';
import { readJson } from './request-body.js';
import { readOnlyTraceIds } from './trace-calls.js';

/** Most characters of one answer; the client asks for the rest again. */
const maxExportChars = 4_000_000;

/**
 * `POST /local/import`: one trace on each line, in the form of `POST /traces`, with its spans and `scores`. Stores all of them or
 * none.
 */
export const postImport: Handler = async (call) => {
  const traces = call.text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => readLine(call, line));
  await call.store.importTraces(call.project, traces);
  return answer(200, { imported: traces.length });
};

function readLine(call: ApiCall, line: string): ImportedTrace {
  const given = readJson(line);
  const { scores = [], ...body } = isObject(given) ? given : {};
  const trace = readBody({ ...call, body: isObject(given) ? body : given }, readTrace);
  const text = isObject(given) && given.scores !== undefined ? JSON.stringify(body) : line;
  return {
    trace,
    request: isPackable(body, trace) ? text : null,
    // An export has the latest score first. It is stored last, so that it is the latest here, too.
    scores: (Array.isArray(scores) ? scores : []).toReversed().map((score) => readScoreOf(call, trace.trace_id, score)),
  };
}

function readScoreOf(call: ApiCall, traceId: string, given: unknown): ScoreInput {
  const body = isObject(given) ? { ...given, trace_id: traceId } : given;
  const score = readBody({ ...call, body }, readScore);
  const tooLong = scoreLengthFault({ name: score.name, value: score.value });
  if (tooLong !== undefined) throw new AnswerError(refusal(500, tooLong));
  return score;
}

/**
 * `POST /local/export`: one line for each of the `trace_ids`, in their order: the trace with its project, spans and scores, or
 * `null` if it is not stored. If the lines are long, only the first ones are sent, but at least one.
 */
export const postExport: Handler = (call) => {
  const lines: string[] = [];
  let chars = 0;
  for (const line of call.store.exportTraces(call.project, readBody(call, readOnlyTraceIds))) {
    lines.push(line ?? 'null');
    chars += line?.length ?? 0;
    if (chars > maxExportChars) break;
  }
  return { status: 200, body: lines.join('\n'), headers: { 'Content-Type': 'application/x-ndjson' } };
};
