import { expect } from 'chai';
import { id, type Running, span, startRunning, trace } from '../support/local-server.js';

interface Named {
  readonly name: string;
}

describe('Local server, reading', () => {
  let running: Running;
  before(async () => {
    running = await startRunning();
    const at = (minute: number, second = 0) =>
      `2026-03-29T10:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}Z`;
    const rows: object[] = [
      { name: 'Alpha', status: 'COMPLETED', ended_at: at(1, 5), session_id: 's1', user_id: 'ana', tags: ['x', 'y'] },
      { name: 'beta', status: 'ERROR', ended_at: at(2, 1), session_id: 's1', tags: ['y'] },
      { name: 'Gamma 100%', status: 'RUNNING', session_id: 's2', user_id: 'ben', tags: ['z'] },
      { name: 'delta_ÄÖ', status: 'COMPLETED', ended_at: at(4, 30), user_id: 'ana' },
    ];
    for (const [index, fields] of rows.entries()) {
      const n = index + 1;
      const usage = { prompt_tokens: n, completion_tokens: 10 * n };
      const spans = [
        span(10 + n, { model: n < 3 ? 'small' : 'large', token_usage: usage, cost: { total: n }, started_at: at(n) }),
      ];
      await running.call('POST', '/traces', trace(n, { started_at: at(n), spans, ...fields }));
    }
  });
  after(() => running[Symbol.asyncDispose]());

  const names = async (query: string) => {
    const { body } = await running.call('GET', `/traces?${query}`);
    expect(body.items, JSON.stringify(body)).to.be.an('array');
    return body.items.map((each: Named) => each.name.split(/[ _]/)[0]).join(' ');
  };

  const lists: [query: string, wanted: string][] = [
    ['', 'delta Gamma beta Alpha'],
    ['sort_order=asc', 'Alpha beta Gamma delta'],
    ['sort_by=ended_at&sort_order=asc', 'Alpha beta delta Gamma'],
    ['sort_by=ended_at', 'Gamma delta beta Alpha'],
    ['sort_by=latency&sort_order=asc', 'beta Alpha delta Gamma'],
    ['sort_by=latency', 'Gamma delta Alpha beta'],
    ['sort_by=name&sort_order=asc', 'Alpha beta delta Gamma'],
    ['sort_by=status&sort_order=asc', 'Alpha delta beta Gamma'],
    ['status=ERROR', 'beta'],
    ['session_id=s1', 'beta Alpha'],
    ['user_id=ana', 'delta Alpha'],
    ['tags=x&tags=z', 'Gamma Alpha'],
    ['tags=y&status=COMPLETED', 'Alpha'],
    ['name=ALPH', 'Alpha'],
    ['name=0%25', 'Gamma'],
    ['name=a_%C3%A4%C3%B6', 'delta'],
    ['name=', 'delta Gamma beta Alpha'],
    ['started_after=2026-03-29T10:02:00Z&started_before=2026-03-29T10:04:00Z', 'Gamma beta'],
    ['started_after=2026-03-29T12:02:00%2B02:00&started_before=2026-03-29T10:03:00', 'beta'],
    ['limit=2', 'delta Gamma'],
    ['limit=2&offset=3', 'Alpha'],
    ['offset=10', ''],
  ];
  for (const [query, wanted] of lists) {
    it(`lists ${wanted === '' ? 'nothing' : wanted} for ?${query}`, async () =>
      expect(await names(query)).to.equal(wanted));
  }

  it('states the total, on every page', async () => {
    const { body } = await running.call('GET', '/traces?limit=1&offset=9&user_id=ana');
    expect(body).to.deep.equal({ items: [], total: 2, limit: 1, offset: 9 });
  });

  it('has totals and latency in each row', async () => {
    const { body } = await running.call('GET', '/traces?name=alpha');
    expect(body.items[0]).to.include({ latency_ms: 5000, span_count: 1, total_tokens: 11, total_cost: 1 });
  });

  const sessions: [query: string, wanted: string][] = [
    ['', 's2 s1'],
    ['sort_by=trace_count', 's1 s2'],
    ['sort_by=cost&sort_order=asc', 's1 s2'],
    ['sort_by=latency', 's2 s1'],
    ['has_error=true', 's1'],
    ['has_error=no', 's2'],
    ['user_id=ben', 's2'],
    ['tags=x', 's1'],
    ['query=S1', 's1'],
    ['query=_1', ''],
    ['started_after=2026-03-29T10:03:00Z', 's2'],
  ];
  for (const [query, wanted] of sessions) {
    it(`lists the sessions ${wanted === '' ? '(none)' : wanted} for ?${query}`, async () => {
      const { body } = await running.call('GET', `/sessions?${query}`);
      expect(body.items.map((each: { session_id: string }) => each.session_id).join(' ')).to.equal(wanted);
      expect(body.total).to.equal(body.items.length);
    });
  }

  it('adds a session up over all of its traces, on every page', async () => {
    const { body } = await running.call('GET', '/sessions/s1?limit=1');
    expect(body).to.include({
      trace_count: 2,
      total_latency_ms: 6000,
      has_error: true,
      user_id: 'ana',
      total_tokens: 33,
    });
    expect(body).to.deep.include({ tags: ['x', 'y'], first_trace_at: '2026-03-29T10:01:00+00:00' });
    expect(body.traces.map((each: Named) => each.name)).to.deep.equal(['Alpha']);
    expect(body.traces[0].spans).to.have.lengthOf(1);
  });

  it('lists users, the latest seen first', async () => {
    const { body } = await running.call('GET', '/traces/users');
    expect(
      body.items.map((each: { user_id: string; trace_count: number }) => each.user_id + each.trace_count),
    ).to.deep.equal(['ana2', 'ben1']);
  });

  it('counts traces, errors, latency, tokens and models over time', async () => {
    const month = 'started_after=2026-03-01T00:00:00Z&started_before=2026-04-01T00:00:00Z';
    const { body: volume } = await running.call('GET', `/traces/analytics?granularity=week&${month}`);
    expect(volume).to.deep.equal([
      {
        bucket: '2026-03-23T00:00:00+00:00',
        trace_count: 4,
        error_count: 1,
        avg_latency_ms: 12_000,
        p50_latency_ms: 5000,
        p90_latency_ms: 25_000,
        p99_latency_ms: 29_500,
      },
    ]);
    const { body: tokens } = await running.call('GET', `/traces/analytics?metric=tokens&granularity=hour&${month}`);
    expect(tokens).to.deep.equal([
      {
        bucket: '2026-03-29T10:00:00+00:00',
        total_tokens: 110,
        prompt_tokens: 10,
        completion_tokens: 100,
        total_cost: 10,
      },
    ]);
    const { body: models } = await running.call('GET', `/traces/analytics?metric=models&${month}`);
    expect(models).to.deep.equal([
      { model: 'large', call_count: 2, total_tokens: 77, total_cost: 7 },
      { model: 'small', call_count: 2, total_tokens: 33, total_cost: 3 },
    ]);
  });

  it('counts the same over time, for a period of any length and age', async () => {
    await using other = await startRunning();
    const usage = { model: 'm', token_usage: { prompt_tokens: 1 } };
    // Hours apart, on both sides of a bucket's end, and years before; more hours than are looked at one by one.
    const times = [
      '1969-12-31T23:30',
      '1970-01-01T00:30',
      '2026-01-01T00:00',
      '2026-01-01T00:59',
      '2026-01-01T03:00',
      '2026-03-01T00:00',
    ];
    for (const [n, time] of times.entries()) {
      const started_at = `${time}:00Z`;
      const fields = { started_at, ended_at: `${time}:01Z`, spans: [span(n, { started_at, ...usage })] };
      await other.call('POST', '/traces', trace(n, fields));
    }
    const buckets = async (from: string, to: string, metric: string) => {
      const path = `/traces/analytics?granularity=hour&metric=${metric}&started_after=${from}:00Z&started_before=${to}:00Z`;
      const { body } = await other.call('GET', path);
      const countOf = (row: Record<string, number>) => (metric === 'volume' ? row.trace_count : row.total_tokens);
      return body.map((row: { bucket: string }) => `${row.bucket.slice(0, 13)} ${countOf(row as never)}`);
    };
    for (const metric of ['volume', 'tokens']) {
      const few = ['2026-01-01T00 2', '2026-01-01T03 1'];
      expect(await buckets('2026-01-01T00:00', '2026-01-02T00:00', metric)).to.deep.equal(few);
      expect(await buckets('2026-01-01T00:30', '2026-01-01T03:00', metric)).to.deep.equal(['2026-01-01T00 1']);
      const many = [...few, '2026-03-01T00 1'];
      expect(await buckets('2025-12-01T00:00', '2026-04-01T00:00', metric)).to.deep.equal(many);
      // As the database rounds: towards zero.
      expect(await buckets('1969-12-01T00:00', '2026-04-01T00:00', metric)).to.deep.equal(['1970-01-01T00 2', ...many]);
      expect(await buckets('1969-12-01T00:00', '1970-02-01T00:00', metric)).to.deep.equal(['1970-01-01T00 2']);
      expect(await buckets('2027-01-01T00:00', '2028-01-01T00:00', metric)).to.deep.equal([]);
    }
  });

  it('orders spans by start, then by id', async () => {
    const late = { started_at: '2026-03-29T10:00:01Z' };
    await running.call(
      'POST',
      '/traces',
      trace(90, { spans: [span(93, late), span(92, late), span(94), span(91, late)] }),
    );
    const { body } = await running.call('GET', `/traces/${id(90)}`);
    expect(body.spans.map((each: { span_id: string }) => each.span_id)).to.deep.equal([94, 91, 92, 93].map(id));
  });
});
