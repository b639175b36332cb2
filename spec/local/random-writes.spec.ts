import { expect } from 'chai';
import fc from 'fast-check';
import { id, type Reply, type Running, span, startRunning, trace } from '../support/local-server.js';

/*
 * Lists, counts, sessions, analytics and the search index are kept up to date with each write, each by code of its own. So after any
 * writes, in any order, a server must answer every question as one that got the final state in one write a trace:
 *
 *   posts, repeats, patches, spans, scores, deletions ──> server A ── every trace as it is now ──> server B
 *                                                             └────── the same answers ────────────────┘
 */

const words = ['zebra', 'lion', 'naïve', 'x y', '100%'];
const text = fc.constantFrom(...words);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const at = fc.nat(59).map((second) => `2026-03-29T10:00:${String(second).padStart(2, '0')}.5Z`);
const later = fc.nat(59).map((second) => `2026-03-29T10:01:${String(second).padStart(2, '0')}Z`);
const json = fc.oneof(
  text,
  fc.record({
    messages: fc.array(fc.record({ role: fc.constantFrom('user', 'assistant'), content: text }), { maxLength: 2 }),
  }),
);
const metadata = fc.dictionary(fc.constantFrom('a', 'b'), text, { maxKeys: 2 });

const spans = fc.uniqueArray(
  fc
    .record(
      {
        n: fc.integer({ min: 10, max: 14 }),
        name: fc.constantFrom('ask', 'search', 'plan'),
        kind: fc.constantFrom('LLM', 'TOOL', 'AGENT'),
        status: fc.constantFrom('OK', 'ERROR', 'UNSET'),
        started_at: at,
        ended_at: later,
        input: json,
        output: json,
        error: text,
        model: fc.constantFrom('gpt-5.4', 'claude-opus-5'),
        metadata,
        token_usage: fc.record({ prompt_tokens: fc.nat(9), completion_tokens: fc.nat(9) }),
        cost: fc.record({ total: fc.constantFrom(0.25, 0.5) }),
        parent_span_id: fc.integer({ min: 10, max: 14 }).map(id),
      },
      { requiredKeys: ['n'] },
    )
    .map(({ n, ...fields }) => span(n, fields)),
  { minLength: 1, maxLength: 3, selector: (made) => (made as { span_id: string }).span_id },
);

const traceFields = {
  name: fc.constantFrom('support', 'billing'),
  status: fc.constantFrom('COMPLETED', 'ERROR', 'RUNNING'),
  ended_at: later,
  input: json,
  output: json,
  session_id: fc.constantFrom('s1', 's/2'),
  user_id: fc.constantFrom('ann', 'bob'),
  environment: fc.constantFrom('prod', 'dev'),
  release: fc.constantFrom('1', '2'),
  tags: fc.array(fc.constantFrom('vip', 'new'), { maxLength: 2 }),
  metadata,
};
const n = fc.integer({ min: 1, max: 4 });

/** One call that writes. */
type Write = readonly [method: string, path: string, body?: unknown];

const post = fc
  .tuple(n, maybe(spans), maybe(at), fc.record(traceFields, { requiredKeys: [] }))
  .map(([of, own, started, fields]): Write => {
    const start = started === undefined ? {} : { started_at: started };
    return ['POST', '/traces', trace(of, { ...fields, ...start, ...(own === undefined ? {} : { spans: own }) })];
  });
const writes = fc.oneof(
  { weight: 6, arbitrary: post },
  { weight: 4, arbitrary: fc.tuple(n, spans).map(([of, own]): Write => ['POST', `/traces/${id(of)}/spans`, own]) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(n, fc.record({ ...traceFields, output: fc.option(json) }, { requiredKeys: [] }))
      .map(([of, fields]): Write => ['PATCH', `/traces/${id(of)}`, fields]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        n,
        fc.integer({ min: 10, max: 14 }),
        fc.record(
          {
            output: fc.option(json),
            status: fc.constantFrom('OK', 'ERROR'),
            cost: fc.constant({ total: 1 }),
            ended_at: later,
          },
          { requiredKeys: [] },
        ),
      )
      .map(([of, which, fields]): Write => ['PATCH', `/traces/${id(of)}/spans/${id(which)}`, fields]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(n, fc.constantFrom('quality', 'tone'), fc.constantFrom(0.25, 0.75))
      .map(
        ([of, name, value]): Write => [
          'POST',
          '/evaluations/trace-scores',
          { trace_id: id(of), name, value: String(value), data_type: 'NUMERIC' },
        ],
      ),
  },
  { weight: 1, arbitrary: n.map((of): Write => ['DELETE', `/traces/${id(of)}`]) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('s1', 's/2')
      .map((s): Write => ['DELETE', `/local/session?session_id=${encodeURIComponent(s)}`]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.uniqueArray(n, { minLength: 1, maxLength: 3 }),
        fc.array(fc.constantFrom('vip', 'old'), { maxLength: 2 }),
        fc.array(fc.constantFrom('vip', 'new'), { maxLength: 2 }),
      )
      .map(
        ([of, add_tags, remove_tags]): Write => [
          'POST',
          '/traces/batch/tags',
          { trace_ids: of.map(id), add_tags, remove_tags },
        ],
      ),
  },
);

const filters = [
  ...[
    '',
    ...words.map((word) => JSON.stringify(word)),
    'status:error',
    'kind:llm',
    'kind:tool status:error',
    'model:gpt-5.4',
  ],
  ...[
    'tokens:>5',
    'cost:>=0.5',
    'duration:>30s',
    'tag:vip',
    'user:ann',
    'session:s1',
    'release:1',
    'env:prod',
    'score.quality:>0.5',
    'name:support',
  ],
].map((filter) => encodeURIComponent(filter));

const span1 = 'started_after=2026-03-29T09:00:00Z&started_before=2026-03-29T12:00:00Z&granularity=hour';

/** Every question that a server answers about traces. */
const questions = [
  ...['/traces?limit=100', '/traces/users?limit=100', '/sessions?limit=100', '/evaluations/trace-scores?limit=100'],
  ...['/sessions/s1', '/local/session?session_id=s%2F2', `/sessions/analytics?${span1}`],
  ...['volume', 'errors', 'latency', 'cost', 'tokens', 'models'].map(
    (metric) => `/traces/analytics?metric=${metric}&${span1}`,
  ),
  ...[
    '/evaluations/analytics/trace-scores/summary',
    '/evaluations/analytics/trace-scores/distribution?metric_name=quality',
  ],
  ...filters.map((filter) => `/local/traces?limit=100&filter=${filter}`),
  ...filters.map((filter) => `/local/steps?limit=100&filter=${filter}`),
  ...['tool', 'model', 'release'].map((by) => `/local/steps/groups?by=${by}`),
  ...['release'].map((by) => `/local/traces/buckets?by=${by}&${span1}`),
];

/** An answer without what differs between two servers: ids and times of scores, when something was stored, and the order of equals. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(comparable).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name, of]) => {
    return (
      !['created_at', 'updated_at', 'project_id', 'latest_score_at'].includes(name) &&
      !(name === 'id' && 'data_type' in value) &&
      of !== undefined
    );
  });
  return Object.fromEntries(kept.map(([name, of]) => [name, comparable(of)]));
}

const linesOf = ({ status, body }: Reply) => `${status} ${JSON.stringify(comparable(body), null, 1)}`.split('\n');

/** The lines that only one of two answers has. */
function difference(a: Reply, b: Reply): string[] {
  const [of, ofOther] = [linesOf(a), linesOf(b)];
  const only = (some: string[], others: string[], mark: string) =>
    some.filter((line) => !others.includes(line)).map((line) => mark + line);
  const found = [...only(of, ofOther, '- '), ...only(ofOther, of, '+ ')];
  return found.length > 0 || of.join() === ofOther.join() ? found : ['the same lines in another order'];
}

describe('Local server, after any writes', () => {
  const running: Running[] = [];
  afterEach(async () => {
    for (const each of running.splice(0)) await each[Symbol.asyncDispose]();
  });

  async function start(): Promise<Running> {
    const made = await startRunning();
    running.push(made);
    return made;
  }

  /** Writes every trace once, as it is at `from`. */
  async function copy(from: Running, to: Running): Promise<void> {
    for (let of = 1; of <= 4; of += 1) {
      const { status, body } = await from.call('GET', `/traces/${id(of)}`);
      if (status === 404) continue;
      const { scores: _, ...fields } = body;
      const made = await to.call('POST', '/traces', fields);
      expect(made.status, made.text).to.equal(202);
    }
    // All of them, the oldest first: a trace has each score as often as it was sent, and its latest counts.
    const { body } = await from.call('GET', '/evaluations/trace-scores?limit=100');
    for (const { trace_id, name, value, data_type } of body.items.toReversed())
      await to.call('POST', '/evaluations/trace-scores', { trace_id, name, value, data_type });
  }

  it('answers every question like a server that received only the final state', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(writes, { maxLength: 25, size: 'max' }), async (program) => {
        const [one, other] = [await start(), await start()];
        for (const [method, path, body] of program) {
          const { status, text: said } = await one.call(method, path, body);
          if (status !== 500 || path !== '/evaluations/trace-scores') {
            // as the platform, when the trace is not there
            expect(status, `${method} ${path}: ${said}`).to.be.oneOf([200, 201, 202, 204, 404, 422]);
          }
        }
        await copy(one, other);
        for (const question of questions) {
          const [a, b] = [await one.call('GET', question), await other.call('GET', question)];
          const differing = difference(a, b);
          if (differing.length > 0) expect.fail([question, ...differing].join('\n')); // chai shortens a difference
          expect(a.status, `${question}: ${a.text}`).to.be.oneOf([200, 404]);
        }
        for (const each of running.splice(0)) await each[Symbol.asyncDispose]();
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });
});
