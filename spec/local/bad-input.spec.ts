import { expect } from 'chai';
import { id, known, type Running, span, startRunning, trace } from '../support/local-server.js';

describe('Local server, bad input', () => {
  let running: Running;
  before(async () => {
    running = await startRunning({ maxBodyBytes: 1_000_000 });
    await running.call('POST', '/traces', trace(1));
  });
  after(() => running[Symbol.asyncDispose]());

  const spans = (count: number) => Array.from({ length: count }, (_, n) => span(n));
  const faults: [what: string, path: string, body: unknown, field: string][] = [
    ['no body', '/traces', '', ''],
    ['a list for a trace', '/traces', [], ''],
    ['null for a trace', '/traces', null, ''],
    ['half a JSON text', '/traces', '{"name": "x"', '12'],
    ['no name', '/traces', trace(2, { name: undefined }), 'name'],
    ['an empty name', '/traces', trace(2, { name: '' }), 'name'],
    ['a name of 513 characters', '/traces', trace(2, { name: '👋'.repeat(513) }), 'name'],
    ['a name that is a number', '/traces', trace(2, { name: 1 }), 'name'],
    ['no start', '/traces', trace(2, { started_at: undefined }), 'started_at'],
    ['a day that is none', '/traces', trace(2, { started_at: '2026-02-30T10:00:00Z' }), 'started_at'],
    ['an id that is none', '/traces', trace(2, { trace_id: 'x' }), 'trace_id'],
    ['a status that is none', '/traces', trace(2, { status: 'OK' }), 'status'],
    ['metadata that is null', '/traces', trace(2, { metadata: null }), 'metadata'],
    ['a tag that is a number', '/traces', trace(2, { tags: ['a', 1] }), 'tags -> 1'],
    ['a session of 256 characters', '/traces', trace(2, { session_id: 's'.repeat(256) }), 'session_id'],
    ['a 501st span', '/traces', trace(2, { spans: spans(501) }), 'spans'],
    ['a span that is a text', '/traces', trace(2, { spans: ['x'] }), 'spans -> 0'],
    [
      'an empty span name',
      '/traces',
      trace(2, { spans: [span(1), span(2), span(3), span(4, { name: '' })] }),
      'spans -> 3 -> name',
    ],
    ['a span without a start', '/traces', trace(2, { spans: [{ name: 'x' }] }), 'spans -> 0 -> started_at'],
    ['a kind that is none', '/traces', trace(2, { spans: [span(1, { kind: 'llm' })] }), 'spans -> 0 -> kind'],
    [
      'a model of 256 characters',
      '/traces',
      trace(2, { spans: [span(1, { model: 'm'.repeat(256) })] }),
      'spans -> 0 -> model',
    ],
    [
      'a cost that is null',
      '/traces',
      trace(2, { spans: [span(1, { cost: { total: null } })] }),
      'spans -> 0 -> cost -> total',
    ],
    ['a null character', '/traces', trace(2, { input: { a: ['\0'] } }), 'input -> a -> 0'],
    ['half a surrogate pair', '/traces', '{"name":"\\ud800","started_at":"2026-03-29T10:00:00Z"}', 'name'],
    ['no extra spans', `/traces/${id(1)}/spans`, [], ''],
    ['extra spans that are an object', `/traces/${id(1)}/spans`, {}, ''],
    ['an extra span without a name', `/traces/${id(1)}/spans`, [span(1), { started_at: 1 }], '1 -> name'],
    ['a score that is a number', '/evaluations/trace-scores', { trace_id: id(1), name: 'q', value: 1 }, 'value'],
    ['a score that does not fit', '/evaluations/trace-scores', { trace_id: id(1), name: 'q', value: 'good' }, 'value'],
    [
      'a score no other program reads',
      '/evaluations/trace-scores',
      { trace_id: id(1), name: 'q', value: '0x10' },
      'value',
    ],
    [
      'a cost no other program reads',
      '/traces',
      trace(2, { spans: [span(1, { cost: { total: '0b1' } })] }),
      'spans -> 0 -> cost -> total',
    ],
    ...['1.01', '-0.1', '5', '1e-400', `0.${'0'.repeat(400)}1`].map(
      (value) =>
        [
          `a NUMERIC score of ${value.slice(0, 9)}`,
          '/evaluations/trace-scores',
          { trace_id: id(1), name: 'q', value },
          'value',
        ] as [string, string, unknown, string],
    ),
    [
      'a tag of 2,601 bytes',
      '/traces',
      trace(2, { tags: ['a', 'é'.repeat(1300), `${'é'.repeat(1300)}a`] }),
      'tags -> 2',
    ],
    [
      'a tag to add of 2,601 bytes',
      '/traces/batch/tags',
      { trace_ids: [id(1)], add_tags: ['t'.repeat(2601)] },
      'add_tags -> 0',
    ],
    ...[1.5, '1.5', 'many', true, {}, 2_147_483_648, '99999999999'].map(
      (prompt_tokens) =>
        [
          `prompt_tokens of ${JSON.stringify(prompt_tokens)}`,
          '/traces',
          trace(2, { spans: [span(1, { token_usage: { prompt_tokens } })] }),
          'spans -> 0 -> token_usage',
        ] as [string, string, unknown, string],
    ),
    [
      'more tokens together than 32 bits hold',
      `/traces/${id(1)}/spans`,
      [span(1, { token_usage: { prompt_tokens: 2_147_483_647, completion_tokens: 1 } })],
      '0 -> token_usage',
    ],
    [
      'a cost whose sums may be infinite',
      '/traces',
      trace(2, { spans: [span(1, { cost: { total: 1e308 } })] }),
      'spans -> 0 -> cost -> total',
    ],
    [
      'a cost whose sums may be infinite, as text',
      '/traces',
      trace(2, { spans: [span(1, { cost: { total: '1e308' } })] }),
      'spans -> 0 -> cost -> total',
    ],
    ['Go’s zero time', '/traces', trace(2, { started_at: '0001-01-01T00:00:00Z' }), 'started_at'],
    [
      'a time of half a millisecond in the year 1',
      '/traces',
      trace(2, { spans: [span(1, { ended_at: '0001-01-01T00:00:00.000500Z' })] }),
      'spans -> 0 -> ended_at',
    ],
    ['no ids to delete', '/traces/batch/delete', { trace_ids: [] }, 'trace_ids'],
    ['an id to delete that is none', '/traces/batch/delete', { trace_ids: [id(1), 'x'] }, 'trace_ids -> 1'],
  ];
  for (const [what, path, body, field] of faults) {
    it(`refuses ${what} with 422 and names ${field === '' ? 'the whole body' : field}`, async () => {
      const reply = await running.call('POST', path, body);
      expect(reply.status, reply.text).to.equal(422);
      expect(reply.body.detail).to.equal('Validation error');
      expect(reply.body.errors.map((each: { field: string }) => each.field)).to.deep.equal([field]);
    });
  }

  for (const [what, type] of Object.entries({
    nothing: undefined,
    form: 'application/x-www-form-urlencoded',
    text: 'text/plain',
  })) {
    it(`refuses a body that says it is ${what} with 422, as the platform does`, async () => {
      const headers = { 'X-API-Key': 'any', 'X-Project-Name': 'spec', ...(type && { 'Content-Type': type }) };
      // As bytes: fetch names the type of a text by itself.
      for (const [path, body] of [
        ['/traces', trace(2)],
        [`/traces/${id(1)}/spans`, [span(1)]],
        ['/evaluations/trace-scores', { trace_id: id(1), name: 'q', value: '1' }],
      ] as const) {
        const reply = await running.call('POST', path, Buffer.from(JSON.stringify(body)), headers);
        expect([reply.status, reply.body.errors[0].field], path).to.deep.equal([422, '']);
      }
    });
  }

  it('accepts other content types of JSON', async () => {
    for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.api+json']) {
      const reply = await running.call('POST', '/traces', trace(7), { ...known, 'Content-Type': type });
      expect(reply.status, type).to.equal(202);
    }
  });

  it('answers 500 to a score that is too long for the platform, and names the field', async () => {
    const score = { trace_id: id(1), name: 'q', value: 'v', data_type: 'CATEGORICAL' };
    const post = (fields: object) => running.call('POST', '/evaluations/trace-scores', { ...score, ...fields });
    const stored = await post({ name: '😀'.repeat(255), value: '😀'.repeat(255) });
    expect(stored.status).to.equal(201);
    for (const field of ['name', 'value']) {
      const reply = await post({ [field]: 'x'.repeat(256) });
      expect(reply.status).to.equal(500);
      expect(reply.body.detail).to.include(`the ${field} of a score has more than 255 characters`);
    }
    const path = `/evaluations/trace-scores/${stored.body.id}`;
    expect((await running.call('PATCH', path, { value: 'x'.repeat(256) })).status).to.equal(500);
  });

  it('answers 500 to a body nested deeper than 255, not counting brackets in texts', async () => {
    const nested = (depth: number) =>
      JSON.stringify(trace(8)).replace(/}$/, `,"input":${'['.repeat(depth)}"[[\\"[["${']'.repeat(depth)}}`);
    expect((await running.call('POST', '/traces', nested(254))).status).to.equal(202);
    const reply = await running.call('POST', '/traces', nested(255));
    expect(reply.status).to.equal(500);
    expect(reply.body.detail).to.include('nested deeper than 255');
    const flat = trace(9, { input: { text: '['.repeat(1000), list: new Array(300).fill([[]]) } });
    expect((await running.call('POST', '/traces', flat)).status).to.equal(202);
  });

  for (const [query, field] of [
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=x', 'limit'],
    ['offset=-1', 'offset'],
    ['status=DONE', 'status'],
    ['sort_by=cost', 'sort_by'],
    ['started_after=yesterday', 'started_after'],
  ]) {
    it(`refuses ?${query} with 422`, async () => {
      const reply = await running.call('GET', `/traces?${query}`);
      expect(reply.status).to.equal(422);
      expect(reply.body.errors[0].field).to.equal(`query -> ${field}`);
    });
  }

  for (const word of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    it(`knows no ${word} where it knows words`, async () => {
      for (const query of [`status=${word}`, `sort_by=${word}`, `sort_order=${word}`]) {
        expect((await running.call('GET', `/traces?${query}`)).status, query).to.equal(422);
      }
      expect((await running.call('GET', `/sessions?has_error=${word}`)).status).to.equal(422);
      expect((await running.call('GET', `/${word}`)).status).to.equal(404);
      expect((await running.call('GET', `/traces/${word}`)).status).to.equal(422);
      const wrong = trace(2, { status: word, spans: [span(1, { kind: word, status: word })] });
      expect((await running.call('POST', '/traces', wrong)).body.errors).to.have.length(3);
    });
  }

  it('treats names of Object.prototype as ordinary projects, tags, users, sessions, models and keys', async () => {
    const project = { ...known, 'X-Project-Name': 'constructor' };
    const usage = '{"__proto__":1,"prompt_tokens":2,"constructor":3}';
    const names = { tags: ['__proto__', 'toString'], user_id: '__proto__', session_id: 'constructor' };
    const body = trace(40, {
      ...names,
      spans: [span(41, { model: '__proto__', token_usage: 0, cost: { total: 1, toString: 2 } })],
    });
    const text = JSON.stringify(body).replace('"token_usage":0', `"token_usage":${usage}`);
    expect((await running.call('POST', '/traces', text, project)).status).to.equal(202);
    for (const filter of ['tags=__proto__', 'tags=toString', 'user_id=__proto__', 'session_id=constructor']) {
      expect((await running.call('GET', `/traces?${filter}`, undefined, project)).body.total, filter).to.equal(1);
    }
    expect((await running.call('GET', '/sessions/constructor', undefined, project)).body.trace_count).to.equal(1);
    expect((await running.call('GET', `/traces/${id(40)}`, undefined, project)).text).to.include(usage);
    const month = 'started_after=2026-03-01T00:00:00Z&started_before=2026-04-01T00:00:00Z';
    const { body: models } = await running.call('GET', `/traces/analytics?metric=models&${month}`, undefined, project);
    expect(models).to.deep.equal([{ model: '__proto__', call_count: 1, total_tokens: 2, total_cost: 1 }]);
    const { body: projects } = await running.call('GET', '/local/projects');
    expect(projects.items.map(({ name }: { name: string }) => name)).to.include('constructor');
  });

  it('stores nothing of a request it refuses', async () => {
    expect((await running.call('GET', `/traces/${id(2)}`)).status).to.equal(404);
  });

  it('names every fault of a request', async () => {
    const reply = await running.call('POST', '/traces', { name: '', spans: [{}, { name: 'x', started_at: 0 }] });
    const fields = reply.body.errors.map((each: { field: string }) => each.field);
    expect(fields).to.deep.equal(['name', 'started_at', 'spans -> 0 -> name', 'spans -> 0 -> started_at']);
  });

  it('accepts unusual but valid values', async () => {
    const body = trace(3, {
      trace_id: id(3).replaceAll('-', '').toUpperCase(),
      started_at: 1_774_778_400.5,
      later: true,
    });
    const reply = await running.call('POST', '/traces', body);
    expect(reply.body.trace_id).to.equal(id(3));
    const { body: stored } = await running.call('GET', `/traces/${id(3)}`);
    expect(stored.started_at).to.equal('2026-03-29T10:00:00.500000+00:00');
  });

  it('survives values named like parts of an object, and values nested very deep', async () => {
    const text = JSON.stringify(trace(4, { metadata: 0 })).replace(
      '"metadata":0',
      '"metadata":{"__proto__":{"x":1},"constructor":2}',
    );
    expect((await running.call('POST', '/traces', text)).status).to.equal(202);
    expect((await running.call('GET', `/traces/${id(4)}`)).text).to.include('"__proto__":{"x":1}');
    const deep = `${JSON.stringify(trace(5)).slice(0, -1)},"input":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await running.call('POST', '/traces', deep)).status).to.equal(500);
    expect((await running.call('GET', '/traces')).status).to.equal(200);
  });

  it('refuses bytes that are not UTF-8 with 400', async () => {
    expect((await running.call('POST', '/traces', new Uint8Array([123, 255, 254]))).status).to.equal(400);
  });

  it('refuses a body over the limit with 413, and goes on', async () => {
    const reply = await running.call('POST', '/traces', trace(6, { input: 'x'.repeat(1_000_000) }));
    expect(reply.status).to.equal(413);
    expect((await running.call('POST', '/traces', trace(6))).status).to.equal(202);
  });

  it('refuses a body of 50 MB with 413 by default', async () => {
    await using other = await startRunning();
    expect((await other.call('POST', '/traces', `"${'x'.repeat(50_000_000)}"`, known)).status).to.equal(413);
    expect((await other.call('GET', '/traces')).status).to.equal(200);
  });
});
