import { ScoreDataType } from '../../model/kinds.js';
import { latestScores, listScores, readScoreById } from '../store/scores.js';
import { parseUuid } from '../wire/fields.js';
import { scoreLengthFault } from '../wire/platform-faults.js';
import { readScore, readScoreChange, ScoreSource, ScoreStatus, valueFault } from '../wire/scores.js';
import { answer, refusal } from './answer.js';
import { type Handler, pathId, readBody, readQuery } from './call.js';

/** `POST /evaluations/trace-scores` */
export const postScore: Handler = async (call) => {
  const score = readBody(call, readScore);
  const tooLong = scoreLengthFault({ name: score.name, value: score.value });
  if (tooLong !== undefined) return refusal(500, tooLong);
  const body = await call.store.addScore(call.project, score);
  // The backend's database refuses a score without its trace, and the backend answers that with a plain 500.
  return body === undefined ? refusal(500, 'Internal server error') : answer(201, body);
};

/** `GET /evaluations/trace-scores` */
export const getScores: Handler = (call) => {
  const { filter, runId, page } = readQuery(call, (query) => ({
    filter: {
      traceId: query.id('trace_id', parseUuid),
      name: query.text('name'),
      source: query.oneOf('source', Object.keys(ScoreSource)),
      status: query.oneOf('status', Object.keys(ScoreStatus)),
      dataType: query.oneOf('data_type', Object.keys(ScoreDataType)),
      environment: query.text('environment'),
      from: query.time('date_from'),
      to: query.time('date_to'),
    },
    runId: query.id('eval_run_id', parseUuid),
    page: query.page(),
  }));
  // There are no evaluation runs here, so no score belongs to one.
  if (runId !== undefined) return answer(200, { items: [], total: 0, ...page });
  return answer(200, { ...listScores(call.store.database, call.project, filter, page), ...page });
};

/** `GET /evaluations/trace-scores/{trace_id}` */
export const getTraceScores: Handler = (call) =>
  answer(200, latestScores(call.store.database, call.project, pathId(call, 'trace_id')));

/** `PATCH /evaluations/trace-scores/{score_id}` */
export const patchScore: Handler = async (call) => {
  const scoreId = pathId(call, 'score_id');
  const change = readBody(call, readScoreChange);
  const stored = readScoreById(call.store.database, call.project, scoreId);
  if (stored === undefined) return noScore(scoreId);
  const fault = change.value === undefined ? undefined : valueFault(change.value, stored.dataType);
  if (fault !== undefined) return refusal(422, fault.replace('Value error, ', ''));
  const tooLong = scoreLengthFault({ value: change.value });
  if (tooLong !== undefined) return refusal(500, tooLong);
  const body = await call.store.changeScore(call.project, scoreId, change);
  return body === undefined ? noScore(scoreId) : answer(200, body);
};

/** `DELETE /evaluations/trace-scores/{score_id}` */
export const deleteScore: Handler = async (call) => {
  const scoreId = pathId(call, 'score_id');
  return (await call.store.removeScore(call.project, scoreId)) ? { status: 204 } : noScore(scoreId);
};

function noScore(scoreId: string) {
  return refusal(404, `Trace score ${scoreId} not found.`);
}
