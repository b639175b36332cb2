import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { evaluationCalls } from '../../lib/local/server/evaluation-calls.js';
import { supportedCalls } from '../../lib/local/server/routes.js';
import { unsupportedCalls } from '../../lib/local/server/unsupported.js';
import { id, known, type Running, root, span, startRunning, trace } from '../support/local-server.js';
import { type Shape, shapeFaults } from './shapes.js';

const month = 'started_after=2026-03-01T00:00:00Z&started_before=2026-04-01T00:00:00Z';

/** Lists of which a part is given at a time. */
const isPaged = /\/(?:trace-runs|session-runs|session-scores|monitors|comparison)$/;

describe('Local server, conformance', () => {
  let running: Running;
  before(async () => {
    running = await startRunning();
  });
  after(() => running[Symbol.asyncDispose]());

  const full = trace(1, {
    status: 'ERROR',
    input: { messages: [{ role: 'user', content: 'hi 👋' }] },
    output: [1, 'two', null],
    metadata: { a: 1 },
    ended_at: '2026-03-29T10:00:02+00:00',
    session_id: 'chat 1',
    user_id: 'ana',
    tags: ['b', 'a'],
    environment: 'test',
    release: '1.0',
    spans: [
      span(11, {
        kind: 'LLM',
        status: 'OK',
        model: 'gpt-5.4',
        token_usage: { prompt_tokens: 3, completion_tokens: 4, reasoning_tokens: 100 },
        cost: { total: 0.25, input: 0.05 },
        model_parameters: { temperature: 0 },
        completion_start_time: '2026-03-29T10:00:00.250001Z',
        ended_at: '2026-03-29T12:00:00.500001+02:00',
      }),
      span(12, { parent_span_id: id(11), error: 'no luck' }),
    ],
  });

  // In this order: each call meets what the ones before left behind.
  const calls: [call: string, path: string, status: number, shape: Shape | undefined, body?: unknown][] = [
    ['POST /traces', '/traces', 202, 'accepted', full],
    ['POST /traces', '/traces', 202, 'accepted', { name: 'n', started_at: '2026-03-29T10:00:00' }],
    ['GET /traces', '/traces', 200, 'traces'],
    ['GET /traces/analytics', `/traces/analytics?${month}`, 200, 'volume'],
    ['GET /traces/analytics', `/traces/analytics?metric=cost&granularity=hour&${month}`, 200, 'tokens'],
    ['GET /traces/analytics', `/traces/analytics?metric=models&${month}`, 200, 'models'],
    ['GET /traces/users', '/traces/users', 200, 'users'],
    ['GET /traces/{trace_id}', `/traces/${id(1)}`, 200, 'trace'],
    ['GET /traces/{trace_id}', `/traces/${id(404)}`, 404, 'refusal'],
    ['GET /traces/{trace_id}', '/traces/nothing', 422, 'invalid'],
    ['PATCH /traces/{trace_id}', `/traces/${id(1)}`, 200, 'trace', { release: null }],
    ['PATCH /traces/{trace_id}', `/traces/${id(404)}`, 404, 'refusal', {}],
    ['POST /traces/{trace_id}/spans', `/traces/${id(1)}/spans`, 201, 'spansAdded', [span(13)]],
    ['POST /traces/{trace_id}/spans', `/traces/${id(404)}/spans`, 404, 'refusal', [span(13)]],
    ['PATCH /traces/{trace_id}/spans/{span_id}', `/traces/${id(1)}/spans/${id(12)}`, 200, 'span', { status: 'OK' }],
    ['PATCH /traces/{trace_id}/spans/{span_id}', `/traces/${id(1)}/spans/${id(404)}`, 404, 'refusal', {}],
    ['POST /traces/batch/tags', '/traces/batch/tags', 200, undefined, { trace_ids: [id(1)], add_tags: ['c'] }],
    ['GET /sessions', '/sessions', 200, 'sessions'],
    ['GET /sessions/analytics', `/sessions/analytics?${month}`, 200, 'sessionVolume'],
    ['GET /sessions/{session_id}', '/sessions/chat%201', 200, 'session'],
    ['GET /sessions/{session_id}', '/sessions/none', 404, 'refusal'],
    [
      'POST /evaluations/trace-scores',
      '/evaluations/trace-scores',
      201,
      'score',
      { trace_id: id(1), name: 'q', value: '0.5' },
    ],
    [
      'POST /evaluations/trace-scores',
      '/evaluations/trace-scores',
      500,
      'refusal',
      { trace_id: id(404), name: 'q', value: '1' },
    ],
    ['GET /evaluations/trace-scores', `/evaluations/trace-scores?trace_id=${id(1)}`, 200, 'scores'],
    ['GET /evaluations/trace-scores/{trace_id}', `/evaluations/trace-scores/${id(1)}`, 200, 'scoreList'],
    [
      'GET /evaluations/analytics/trace-scores/summary',
      '/evaluations/analytics/trace-scores/summary',
      200,
      'scoreSummary',
    ],
    [
      'GET /evaluations/analytics/trace-scores/trend',
      '/evaluations/analytics/trace-scores/trend?metric_name=q',
      200,
      'scoreTrend',
    ],
    ['GET /evaluations/analytics/trace-scores/trend', '/evaluations/analytics/trace-scores/trend', 422, 'invalid'],
    [
      'GET /evaluations/analytics/trace-scores/distribution',
      '/evaluations/analytics/trace-scores/distribution?metric_name=q',
      200,
      'scoreDistribution',
    ],
    ['PATCH /evaluations/trace-scores/{score_id}', `/evaluations/trace-scores/${id(404)}`, 404, 'refusal', {}],
    ['DELETE /evaluations/trace-scores/{score_id}', `/evaluations/trace-scores/${id(404)}`, 404, 'refusal'],
    ['DELETE /sessions/{session_id}', '/sessions/chat%201', 200, undefined],
    ['POST /traces/batch/delete', '/traces/batch/delete', 200, undefined, { trace_ids: [id(1)] }],
    ['DELETE /traces/{trace_id}', `/traces/${id(1)}`, 404, 'refusal'],
  ];

  // Nothing was evaluated here: lists are empty, and nothing has the id that is asked for.
  for (const call of Object.keys(evaluationCalls)) {
    const [method = '', pattern = ''] = call.split(' ');
    const isOne = /(run|monitor|score)_id/.test(pattern) || pattern.endsWith('template');
    const shape = isOne ? 'refusal' : isPaged.test(pattern) ? 'nothingPaged' : 'nothing';
    const path = `${pattern.replaceAll(/\{\w+\}/g, id(1))}?metric=q&metric_name=q`;
    calls.push([call, path, isOne ? 404 : 200, shape, method === 'GET' || method === 'DELETE' ? undefined : {}]);
  }

  for (const [call, path, status, shape, body] of calls) {
    it(`answers ${call} with ${status}${shape === undefined ? '' : ` and a body of the right shape (${shape})`}`, async () => {
      const reply = await running.call(call.split(' ')[0] ?? '', path, body);
      expect(reply.status, reply.text).to.equal(status);
      if (shape !== undefined) expect(shapeFaults(shape, reply.body)).to.deep.equal([]);
    });
  }

  it('tries every supported call above', () => {
    expect(new Set(calls.map(([call]) => call))).to.deep.equal(new Set(Object.keys(supportedCalls)));
  });

  it('checks the parameters of calls that find nothing', async () => {
    for (const path of [
      '/evaluations/trace-runs?status=x',
      '/evaluations/trace-runs?limit=0',
      '/evaluations/trace-runs/x',
      '/evaluations/trace-runs/template',
      '/evaluations/session-scores?eval_run_id=x',
      '/evaluations/analytics/session-scores/trend',
      '/evaluations/monitors?status=x',
    ]) {
      const reply = await running.call('GET', path);
      expect([reply.status, shapeFaults('invalid', reply.body)], path).to.deep.equal([422, []]);
    }
  });

  it('answers every other call of the backend with 501 and a reason', async () => {
    for (const call of unsupportedCalls) {
      const [method = '', path = ''] = call.split(' ');
      const reply = await running.call(method, path.replaceAll(/\{\w+\}/g, id(1)));
      expect(reply.status, call).to.equal(501);
      expect(reply.body.detail).to.include(method);
    }
  });

  it('lists every call in docs/local-server.md, supported or not', () => {
    const docs = readFileSync(`${root}docs/local-server.md`, 'utf8');
    const rows = [...docs.matchAll(/^\| `([A-Z]+ [^`]+)` \| (yes|501)/gm)].map(([, call, how]) => `${call} ${how}`);
    const wanted = [
      ...Object.keys(supportedCalls).map((call) => `${call} yes`),
      ...unsupportedCalls.map((call) => `${call} 501`),
    ];
    expect(rows.toSorted()).to.deep.equal(wanted.toSorted());
  });

  it('answers unknown paths with 404, and unknown methods with 405 and the allowed ones', async () => {
    expect((await running.call('GET', '/nothing')).status).to.equal(404);
    const reply = await running.call('PUT', '/traces', {});
    expect(reply.status).to.equal(405);
    expect(reply.headers.get('allow')).to.equal('POST, GET');
  });

  it('answers the health check without a key', async () => {
    expect((await running.call('GET', '/health', undefined, {})).status).to.equal(200);
  });

  for (const [method, path, to] of [
    ['POST', '/traces/', '/traces'],
    ['GET', '/traces/?limit=1&offset=0', '/traces?limit=1&offset=0'],
    ['GET', `/traces/${id(1)}//`, `/traces/${id(1)}`],
    ['PUT', '/sessions/', '/sessions'],
  ] as const) {
    it(`sends ${method} ${path} on to ${to}`, async () => {
      const answer = await fetch(running.server.url + path, { method, headers: known, redirect: 'manual' });
      expect([answer.status, answer.headers.get('location')]).to.deep.equal([307, to]);
    });
  }

  it('stores a trace that was sent to the path with a slash', async () => {
    expect((await running.call('POST', '/traces/', trace(60))).status).to.equal(202);
    expect((await running.call('GET', `/traces/${id(60)}`)).status).to.equal(200);
    expect((await running.call('GET', '/nothing/')).status).to.equal(404);
  });

  it('has no call for a session whose id has a slash, but the viewer has', async () => {
    await running.call('POST', '/traces', trace(61, { session_id: 'a/b' }));
    for (const path of ['/sessions/a%2Fb', '/sessions/a/b']) {
      const reply = await running.call('GET', path);
      expect([reply.status, reply.body]).to.deep.equal([404, { detail: 'Not Found' }]);
    }
    const { body } = await running.call('GET', '/local/session?session_id=a%2Fb');
    expect(body).to.include({ session_id: 'a/b', trace_count: 1 });
    expect((await running.call('GET', '/local/session?session_id=none')).status).to.equal(404);
  });

  it('requires a key and a project, as the backend does, and stores no key', async () => {
    expect((await running.call('GET', '/traces', undefined, {})).status).to.equal(401);
    expect((await running.call('GET', '/traces', undefined, { 'X-API-Key': 'k' })).status).to.equal(422);
    const bad = await running.call('GET', '/traces', undefined, { 'X-API-Key': 'k', 'X-Project-Name': '-bad' });
    expect(bad.status).to.equal(422);
  });

  it('returns the request id', async () => {
    const reply = await running.call('GET', '/traces', undefined, { ...known, 'X-Request-ID': id(7) });
    expect(reply.headers.get('x-request-id')).to.equal(id(7));
  });

  it('keeps projects apart', async () => {
    await running.call('POST', '/traces', trace(50), { ...known, 'X-Project-Name': 'one' });
    const other = await running.call('GET', `/traces/${id(50)}`, undefined, { ...known, 'X-Project-Name': 'two' });
    expect(other.status).to.equal(404);
    const { body } = await running.call('GET', '/local/projects');
    expect(body.items.map((each: { name: string }) => each.name))
      .to.include('one')
      .and.not.include('two');
  });
});
