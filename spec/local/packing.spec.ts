import { join } from 'node:path';
import { expect } from 'chai';
import { schemaSteps } from '../../lib/local/store/schema.js';
import { openSqlite } from '../../lib/local/store/sqlite.js';
import { id, known, type Running, span, startRunning, temporaryFolder, trace } from '../support/local-server.js';

const month = 'started_after=2026-03-01T00:00:00Z&started_before=2026-04-01T00:00:00Z';

/** A trace with something in every place. */
const full = trace(1, {
  input: { messages: [{ role: 'user', content: 'he said "\\"' }] },
  output: [1, null],
  metadata: { a: { b: 1 } },
  tags: ['b', 'a', 'b'],
  ended_at: '2026-03-29T10:00:02Z',
  later: 'a field of a later version',
  spans: [
    span(12, { started_at: '2026-03-29T10:00:01.5+00:00', parent_span_id: id(11), input: '{[[', error: 'no luck' }),
    span(11, {
      kind: 'LLM',
      model: 'm',
      token_usage: { prompt_tokens: 3, completion_tokens: 4, cached: { deep: 1 } },
      cost: { total: '0.25' },
      completion_start_time: '2026-03-29T10:00:00.25Z',
      ended_at: 1_774_778_401,
    }),
    span(13, { cost: { total: 1 } }),
  ],
});

describe('Local server, traces kept as they came', () => {
  let running: Running;
  beforeEach(async () => {
    running = await startRunning();
  });
  afterEach(() => running[Symbol.asyncDispose]());

  const text = async (path: string) => (await running.call('GET', path)).text;
  const charts = async () => [
    await text(`/traces/analytics?metric=tokens&${month}`),
    await text(`/traces/analytics?metric=models&${month}`),
  ];

  for (const [what, change] of Object.entries({
    'an empty patch': () => running.call('PATCH', `/traces/${id(1)}`, {}),
    'an empty patch of a span': () => running.call('PATCH', `/traces/${id(1)}/spans/${id(12)}`, {}),
    'the same trace again': () => running.call('POST', '/traces', full),
    'the same trace again, written otherwise': () => running.call('POST', '/traces', JSON.stringify(full, null, 1)),
    'one of its spans again': () =>
      running.call('POST', `/traces/${id(1)}/spans`, [span(13, { cost: { total: 1 }, token_usage: null })]),
  })) {
    it(`are returned, listed and charted the same after ${what}`, async () => {
      await running.call('POST', '/traces', full);
      const all = async () => [await text(`/traces/${id(1)}`), await text('/traces'), ...(await charts())];
      const before = await all();
      expect(before[0]).to.include('"total_tokens":7,"total_cost":1.25').and.include('"latency_ms":999.999,');
      expect((await change()).status).to.be.below(300);
      // A second time the tags come sorted, as from the backend.
      const untagged = (texts: string[]) => texts.map((each) => each.replaceAll(/"tags":\[[^\]]*\]/g, ''));
      expect(untagged(await all())).to.deep.equal(untagged(before));
    });
  }

  it('have their tags again if the same trace is sent after a tag was removed', async () => {
    for (const tags of [['b'], ['a'], ['b', 'a']]) {
      await running.call('POST', '/traces', full);
      await running.call('POST', '/traces/batch/tags', { trace_ids: [id(1)], remove_tags: tags });
      await running.call('POST', '/traces', full);
      expect(JSON.parse(await text(`/traces/${id(1)}`)).tags).to.deep.equal(['a', 'b']);
      for (const tag of ['a', 'b']) expect(JSON.parse(await text(`/traces?tags=${tag}`)).total).to.equal(1);
    }
  });

  it('leave nothing behind when they are removed', async () => {
    await running.call('POST', '/traces', full);
    await running.call('POST', '/traces/batch/delete', { trace_ids: [id(1)] });
    expect(await charts()).to.deep.equal(['[]', '[]']);
    await running.call('POST', '/traces', trace(1));
    expect(JSON.parse(await text(`/traces/${id(1)}`)).spans).to.deep.equal([]);
  });

  it('keep the ids that were generated for their spans', async () => {
    await running.call('POST', '/traces', trace(1, { spans: [span(2), span(3, { span_id: undefined })] }));
    const first = await text(`/traces/${id(1)}`);
    expect(JSON.parse(first).spans).to.have.lengthOf(2);
    expect(await text(`/traces/${id(1)}`)).to.equal(first);
  });

  it('merge two spans with the same id in one request, of which the last wins', async () => {
    const twice = [span(2, { cost: { total: 1 }, input: 'in' }), span(2, { cost: { total: 2 }, output: 'out' })];
    await running.call('POST', '/traces', trace(1, { spans: twice }));
    const { spans, total_cost: cost } = JSON.parse(await text(`/traces/${id(1)}`));
    expect(cost).to.equal(2);
    expect(spans).to.have.lengthOf(1);
    expect(spans[0]).to.include({ input: null, output: 'out' });
  });

  for (const depth of [254, 256, 100_000]) {
    it(`can be read if they were accepted, even with values nested ${depth} deep`, async () => {
      const value = `${'[{"a\\"[":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
      const body = `${JSON.stringify(trace(1)).slice(0, -1)},"input":${value}}`;
      const { status } = await running.call('POST', '/traces', body);
      expect(status).to.equal(depth < 255 ? 202 : 500);
      const read = await running.call('GET', `/traces/${id(1)}`);
      expect(read.status).to.equal(status === 202 ? 200 : 404);
      if (status === 202) expect(read.text).to.include(`"input":${value},"output"`);
      expect((await running.call('GET', '/traces')).body.total).to.equal(status === 202 ? 1 : 0);
    });
  }

  it('may be in one file with those of the first version', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'traces.db');
    const database = await openSqlite(path);
    database.exec(schemaSteps[0] ?? '');
    const body = JSON.stringify({ span_id: id(2), model: 'old', started_at: '2026-03-29T10:00:00+00:00' });
    database.exec(`
      PRAGMA user_version = 1;
      INSERT INTO projects VALUES (1, '${id(9)}', 'spec');
      INSERT INTO traces VALUES (1, '${id(7)}', 1, 'Old', 'old', 'COMPLETED', 1774778400000000.0, NULL, NULL, 1.0,
        NULL, NULL, NULL, NULL, '[]', 1, 5, 0.5);
      INSERT INTO trace_values VALUES (1, '"in"', NULL, '{"a":1}');
      INSERT INTO spans VALUES (1, '${id(2)}', 1, 1774778400000000.0, 'old', 2, 3, 0.5, '${body}');
    `);
    database.close();
    await using old = await startRunning({ path });
    await old.call('POST', '/traces', full);
    const { body: read } = await old.call('GET', `/traces/${id(7)}`);
    expect(read).to.deep.include({ name: 'Old', input: 'in', output: null, metadata: { a: 1 } });
    expect(read.spans[0]).to.include({ model: 'old' });
    const { body: models } = await old.call('GET', `/traces/analytics?metric=models&${month}`, undefined, known);
    expect(models).to.deep.equal([
      { model: 'm', call_count: 1, total_tokens: 7, total_cost: 0.25 },
      { model: 'old', call_count: 1, total_tokens: 5, total_cost: 0.5 },
    ]);
  });
});
