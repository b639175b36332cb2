import { TraceStatus } from '../../model/kinds.js';
import { groupSteps, stepGroups } from '../store/step-groups.js';
import { listSteps, stepSorts } from '../store/steps.js';
import { sortOrders } from '../store/trace-list.js';
import { groupTraces, searchSorts, searchTraces } from '../store/trace-search.js';
import { readFilterText } from '../wire/filter-text.js';
import type { Query } from '../wire/query.js';
import { answer } from './answer.js';
import { type Handler, readQuery } from './call.js';

/**
 * `GET /local/traces`: as `GET /traces`, with a filter in words and with previews. `indexing` counts traces that are not indexed
 * yet.
 */
export const getFoundTraces: Handler = (call) => {
  const { filter, text, sort, page } = readQuery(call, (query) => ({
    filter: {
      sessionId: query.text('session_id'),
      status: query.oneOf('status', Object.keys(TraceStatus)),
      userId: query.text('user_id'),
      tags: query.texts('tags'),
      startedAfter: query.time('started_after'),
      startedBefore: query.time('started_before'),
    },
    text: filterOf(query),
    sort: {
      by: query.oneOf('sort_by', searchSorts) ?? 'started_at',
      order: query.oneOf('sort_order', sortOrders) ?? 'desc',
    },
    page: query.page(),
  }));
  const { database, index } = call.store;
  const indexing = index.catchUp();
  return answer(200, {
    ...searchTraces(database, call.project.key, filter, text, sort, page, index.hasWords),
    ...page,
    indexing,
  });
};

/** `GET /local/steps`: the spans of all traces. */
export const getSteps: Handler = (call) => {
  const { filter, sort, page } = readQuery(call, (query) => ({
    filter: stepFilterOf(query),
    sort: {
      by: query.oneOf('sort_by', stepSorts) ?? 'started_at',
      order: query.oneOf('sort_order', sortOrders) ?? 'desc',
    },
    page: query.page(),
  }));
  const { database, index } = call.store;
  const indexing = index.catchUp();
  return answer(200, {
    ...listSteps(database, call.project.key, filter, sort, page, index.hasWords),
    ...page,
    indexing,
  });
};

/**
 * `GET /local/steps/groups`: calls, failures, durations, tokens and cost of each tool or model, or of the traces of each release
 * or environment.
 */
export const getStepGroups: Handler = (call) => {
  const { filter, by } = readQuery(call, (query) => ({
    filter: stepFilterOf(query),
    by: query.oneOf('by', stepGroups) ?? 'tool',
  }));
  const { database, index } = call.store;
  const indexing = index.catchUp();
  const items =
    by === 'tool' || by === 'model'
      ? groupSteps(database, call.project.key, by, filter, index.hasWords)
      : groupTraces(database, call.project.key, by, filter, filter.text, index.hasWords);
  return answer(200, { items, indexing });
};

function stepFilterOf(query: Query) {
  return {
    text: filterOf(query),
    startedAfter: query.time('started_after'),
    startedBefore: query.time('started_before'),
  };
}

function filterOf(query: Query) {
  return readFilterText(query.text('filter') ?? '', query.issues);
}
