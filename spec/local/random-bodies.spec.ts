import { expect } from 'chai';
import fc from 'fast-check';
import { id, type Running, span, startRunning, trace } from '../support/local-server.js';

/*
 * Bodies and parameters in which anything may be anywhere. A server answers each one as the contract says, stores nothing of
 * those it refuses, and can read whatever it accepted:
 *
 *   a valid body ── some parts replaced, removed, added ──> 2xx: every question is answered
 *                                                           4xx: every trace is as before
 */

const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      null,
      true,
      false,
      0,
      -0,
      -1,
      0.5,
      1e21,
      -1e308,
      1e-320,
      2 ** 31,
      2 ** 53,
      9e15,
      1e300,
      '',
      ' ',
      '0',
      'NaN',
      '1e999',
    ],
    ...[
      '\u0000',
      '\ud800',
      'a\ud83d',
      '😀'.repeat(300),
      'x'.repeat(513),
      '%',
      "'",
      '"',
      '\\',
      '__proto__',
      'constructor',
    ],
    ...[
      [],
      {},
      [[]],
      [null],
      { total: '0.5' },
      { prompt_tokens: '3' },
      { prompt_tokens: 1.5 },
      { completion_tokens: -7 },
    ],
    ...[{ messages: null }, { messages: [null, 1, { role: 3, content: [null] }] }, ['a', 'a'], [1], ['\u0000']],
    ...[
      '2026-03-29',
      '0001-01-01T00:00:00Z',
      '9999-12-31T23:59:59Z',
      '2026-03-29T24:00:00Z',
      '2026-03-29T10:00:00+14:00',
    ],
    ...[
      id(1),
      id(2),
      id(10),
      id(10).toUpperCase(),
      id(11).replaceAll('-', ''),
      `{${id(12)}}`,
      'OK',
      'ERROR',
      'LLM',
      'RUNNING',
    ],
    ...[253_402_300_800, -62_135_596_800, 1e11, Number.MAX_SAFE_INTEGER],
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const keys = [
  ...[
    'trace_id',
    'span_id',
    'parent_span_id',
    'name',
    'status',
    'kind',
    'started_at',
    'ended_at',
    'input',
    'output',
    'error',
  ],
  ...[
    'metadata',
    'model',
    'model_parameters',
    'token_usage',
    'cost',
    'completion_start_time',
    'tags',
    'spans',
    'session_id',
  ],
  ...['user_id', 'environment', 'release', 'value', 'data_type', 'source', 'reason', 'trace_ids', 'add_tags', 'scores'],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '',
    'total',
    'prompt_tokens',
    'completion_tokens',
    'latency_ms',
    'span_count',
  ],
];

/** One change of a body: where, and what comes there. */
interface Change {
  readonly at: readonly number[];
  readonly how: 'replace' | 'remove' | 'add';
  readonly key: string;
  readonly value: unknown;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.array(fc.nat(30), { maxLength: 4 }),
  how: fc.constantFrom('replace', 'replace', 'remove', 'add'),
  key: fc.constantFrom(...keys),
  value: junk,
});

/** The body after a change. Each number of `at` chooses a part of the part before. */
function changed(body: unknown, { at, how, key, value }: Change): unknown {
  if (typeof body !== 'object' || body === null || at.length === 0) return how === 'replace' ? value : body;
  const parts = Array.isArray(body) ? body.map((each, n) => [n, each] as const) : Object.entries(body);
  const [first = 0, ...rest] = at;
  if (how === 'add' && rest.length === 0) return Array.isArray(body) ? [...body, value] : { ...body, [key]: value };
  if (parts.length === 0) return body;
  const [chosen] = parts[first % parts.length] as (typeof parts)[number]; // in range
  const kept = parts.flatMap(([name, each]) => {
    if (name !== chosen) return [[name, each] as const];
    if (rest.length > 0) return [[name, changed(each, { at: rest, how, key, value })] as const];
    return how === 'remove' ? [] : [[name, value] as const];
  });
  return Array.isArray(body) ? kept.map(([, each]) => each) : Object.fromEntries(kept);
}

const someSpan = (n: number) =>
  span(n, {
    ...{ kind: 'LLM', status: 'OK', input: { messages: [{ role: 'user', content: 'Why?' }] }, output: 'So.' },
    ...{
      model: 'gpt-5.4',
      token_usage: { prompt_tokens: 3, completion_tokens: 4 },
      cost: { total: 0.5 },
      error: 'declined',
    },
    ...{ metadata: { a: 1 }, model_parameters: { t: 0 }, ended_at: '2026-03-29T10:00:02Z', parent_span_id: id(10) },
  });
const someTrace = (n: number) =>
  trace(n, {
    ...{
      status: 'COMPLETED',
      ended_at: '2026-03-29T10:00:02Z',
      input: 'in',
      output: { a: [1, 'b'] },
      tags: ['vip', 'new'],
    },
    ...{ session_id: 's1', user_id: 'ann', environment: 'prod', release: '1', metadata: { b: 'c' } },
    spans: [someSpan(n * 10), someSpan(n * 10 + 1)],
  });
const n = fc.integer({ min: 1, max: 3 });

/** A call with a body that it accepts. */
type Call = readonly [method: string, path: string, body: unknown];
const calls: fc.Arbitrary<Call> = n.chain((of) =>
  fc.constantFrom<Call>(
    ['POST', '/traces', someTrace(of)],
    ['POST', '/traces', someTrace(of)],
    ['POST', `/traces/${id(of)}/spans`, [someSpan(of * 10), someSpan(of * 10 + 2)]],
    ['PATCH', `/traces/${id(of)}`, { ...someTrace(of), trace_id: undefined, spans: undefined }],
    ['PATCH', `/traces/${id(of)}/spans/${id(of * 10)}`, { ...someSpan(of * 10), span_id: undefined }],
    [
      'POST',
      '/evaluations/trace-scores',
      { trace_id: id(of), name: 'tone', value: '0.5', data_type: 'NUMERIC', metadata: {} },
    ],
    ['POST', '/traces/batch/tags', { trace_ids: [id(of), id(4)], add_tags: ['x'], remove_tags: ['vip'] }],
    ['POST', '/traces/batch/delete', { trace_ids: [id(of)] }],
    ['POST', '/local/import', { ...someTrace(of), scores: [{ name: 'tone', value: '0.5', reason: null }] }],
    ['POST', '/local/export', { trace_ids: [id(of)] }],
  ),
);

/** Which answers of 500 are the platform's, by call: it has no trace for a score, or a text of one is too long. */
const isPlatformFault = (path: string, text: string) =>
  /trace-scores|import/.test(path) && /longer than|too long|over 255|"Internal server error"/.test(text);

const day = 'started_after=2026-03-29T09:00:00Z&started_before=2026-03-29T12:00:00Z&granularity=hour';
const questions = [
  ...['/traces?limit=100', '/traces/users', '/sessions', '/evaluations/trace-scores', '/sessions/s1'],
  ...['volume', 'errors', 'latency', 'cost', 'tokens', 'models'].map((of) => `/traces/analytics?metric=${of}&${day}`),
  ...['/evaluations/analytics/trace-scores/summary', '/local/traces?filter=why', '/local/steps?sort_by=cost'],
  ...[
    '/local/traces?sort_by=tokens',
    '/local/steps/groups?by=model',
    '/local/steps/groups?by=release',
    '/local/projects',
  ],
];

/** Every trace of a server, as text. */
async function stored({ call }: Running): Promise<string> {
  const { body } = await call('GET', '/traces?limit=200&sort_by=name');
  const ids = body.items.map((item: { trace_id: string }) => item.trace_id);
  return ids.length === 0 ? '' : (await call('POST', '/local/export', { trace_ids: ids })).text;
}

describe('Local server, with random bodies', () => {
  let running: Running;
  beforeEach(async () => {
    running = await startRunning();
  });
  afterEach(() => running[Symbol.asyncDispose]());

  it('stores all of a body or nothing of it, and can read what it has stored', async () => {
    const program = fc.array(fc.tuple(calls, fc.array(change, { maxLength: 3 })), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(program, async (steps) => {
        let before = await stored(running);
        for (const [[method, path, valid], changes] of steps) {
          const body = JSON.stringify(changes.reduce<unknown>(changed, JSON.parse(JSON.stringify(valid))));
          const { status, text } = await running.call(method, path, body);
          const shown = `${method} ${path} ${body}: ${status} ${text}`.slice(0, 3000);
          const after = await stored(running);
          expect(status, shown).to.be.oneOf([200, 201, 202, 404, 422, ...(isPlatformFault(path, text) ? [500] : [])]);
          if (status >= 400) expect(after, shown).to.equal(before);
          before = after;
        }
        for (const question of questions) {
          const { status, text } = await running.call('GET', question);
          expect(status, `${question}: ${text}`).to.be.oneOf([200, 404]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
