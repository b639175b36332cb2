import { expect } from 'chai';
import { id, type Running, span, startRunning, trace } from '../support/local-server.js';

describe('Local server, merging', () => {
  let running: Running;
  beforeEach(async () => {
    running = await startRunning();
  });
  afterEach(() => running[Symbol.asyncDispose]());

  const read = async (n: number) => (await running.call('GET', `/traces/${id(n)}`)).body;
  const listed = async () => (await running.call('GET', '/traces')).body.items[0];

  it('fills in the defaults of a trace and a span', async () => {
    await running.call('POST', '/traces', trace(1, { spans: [span(2)] }));
    const stored = await read(1);
    expect(stored).to.include({ status: 'COMPLETED', input: null, ended_at: null, session_id: null, release: null });
    expect(stored.metadata).to.deep.equal({});
    expect(stored.tags).to.deep.equal([]);
    expect(stored.spans[0]).to.include({
      kind: 'OTHER',
      status: 'UNSET',
      model: null,
      parent_span_id: null,
      latency_ms: null,
    });
  });

  it('keeps stored values that a repeated trace lacks, except input and output, and merges metadata and tags', async () => {
    await running.call(
      'POST',
      '/traces',
      trace(1, {
        input: 1,
        output: 2,
        ended_at: '2026-03-29T10:00:01Z',
        session_id: 's',
        tags: ['b', 'a'],
        metadata: { x: 1, y: { z: 1 } },
      }),
    );
    await running.call(
      'POST',
      '/traces',
      trace(1, { name: 'new', output: 3, input: null, tags: ['c', 'a'], metadata: { y: 2 } }),
    );
    const stored = await read(1);
    expect(stored).to.include({
      name: 'new',
      input: null,
      output: 3,
      session_id: 's',
      ended_at: '2026-03-29T10:00:01+00:00',
    });
    expect(stored.tags).to.deep.equal(['a', 'b', 'c']);
    expect(stored.metadata).to.deep.equal({ x: 1, y: 2 });
  });

  it('clears input and output of a trace that is sent again without them, as the platform does', async () => {
    await running.call('POST', '/traces', trace(1, { input: { a: 1 }, output: [2], user_id: 'u', spans: [span(2)] }));
    await running.call('POST', '/traces', trace(1));
    expect(await read(1)).to.include({ input: null, output: null, user_id: 'u' });
    expect((await read(1)).spans).to.have.length(1);
  });

  it('clears every JSON value of a span that is sent again without it, as the platform does', async () => {
    const full = {
      input: 1,
      output: 2,
      token_usage: { prompt_tokens: 1 },
      cost: { total: 1 },
      model_parameters: { a: 1 },
    };
    const kept = { model: 'm', error: 'e', parent_span_id: id(3), metadata: { a: 1 } };
    for (const again of ['/traces', `/traces/${id(1)}/spans`]) {
      await running.call('POST', '/traces', trace(1, { spans: [span(2, { ...full, ...kept }), span(3)] }));
      await running.call('POST', again, again === '/traces' ? trace(1, { spans: [span(2)] }) : [span(2)]);
      const [stored] = (await read(1)).spans;
      const empty = { input: null, output: null, token_usage: null, cost: null, model_parameters: null };
      expect(stored, again).to.deep.include({ ...empty, ...kept });
      expect(await listed()).to.include({ total_tokens: 0, total_cost: 0 });
    }
  });

  it('merges a repeated span and adds the trace up anew', async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 99 };
    await running.call(
      'POST',
      '/traces',
      trace(1, {
        spans: [
          span(2, { kind: 'LLM', model: 'm', token_usage: usage, cost: { total: 0.5 }, input: 'in' }),
          span(3, { cost: { total: 1, other: 7 } }),
        ],
      }),
    );
    expect(await listed()).to.include({ span_count: 2, total_tokens: 15, total_cost: 1.5 });
    const again = span(2, {
      kind: 'LLM',
      status: 'OK',
      token_usage: { prompt_tokens: 1 },
      ended_at: '2026-03-29T10:00:00.5Z',
      completion_start_time: '2026-03-29T10:00:00.100001Z',
    });
    await running.call('POST', `/traces/${id(1)}/spans`, [again, span(4)]);
    const { spans } = await read(1);
    expect(spans.map((each: { span_id: string }) => each.span_id)).to.deep.equal([id(2), id(3), id(4)]);
    expect(spans[0]).to.include({
      model: 'm',
      input: null,
      status: 'OK',
      latency_ms: 499.999,
      time_to_first_token_ms: 100,
    });
    expect(spans[0].cost).to.equal(null);
    expect(await listed()).to.include({ span_count: 3, total_tokens: 1, total_cost: 1 });
  });

  it('stores the same trace once, however often it is sent', async () => {
    const body = trace(1, { spans: [span(2, { cost: { total: 1 } })] });
    await Promise.all([1, 2, 3].map(() => running.call('POST', '/traces', body)));
    const { body: page } = await running.call('GET', '/traces');
    expect(page.total).to.equal(1);
    expect(page.items[0]).to.include({ span_count: 1, total_cost: 1 });
  });

  it('changes only the fields of a patch: null clears, but not a name or a status', async () => {
    await running.call(
      'POST',
      '/traces',
      trace(1, {
        session_id: 's',
        user_id: 'u',
        output: 1,
        tags: ['a'],
        metadata: { x: 1 },
        ended_at: '2026-03-29T10:00:01Z',
      }),
    );
    const change = {
      session_id: null,
      output: null,
      name: null,
      status: null,
      tags: ['z'],
      metadata: { y: 2 },
      unknown: 1,
    };
    const { body } = await running.call('PATCH', `/traces/${id(1)}`, change);
    expect(body).to.include({ name: 'trace-1', status: 'COMPLETED', session_id: null, user_id: 'u', output: null });
    expect(body).to.deep.include({ tags: ['z'], metadata: { x: 1, y: 2 } });
    expect(await listed()).to.include({ latency_ms: 1000 });
    await running.call('PATCH', `/traces/${id(1)}`, { ended_at: null });
    expect(await listed()).to.include({ latency_ms: null, ended_at: null });
    expect((await running.call('GET', '/traces?tags=a')).body.total).to.equal(0);
    expect((await running.call('GET', '/traces?tags=z')).body.total).to.equal(1);
  });

  it('changes a span and what it adds to the trace', async () => {
    await running.call(
      'POST',
      '/traces',
      trace(1, { spans: [span(2, { cost: { total: 3 }, error: 'x', metadata: { a: 1 } })] }),
    );
    const { body } = await running.call('PATCH', `/traces/${id(1)}/spans/${id(2)}`, {
      cost: null,
      error: null,
      kind: 'TOOL',
      metadata: null,
    });
    expect(body).to.include({ cost: null, error: null, kind: 'TOOL' });
    expect(body.metadata).to.deep.equal({ a: 1 });
    expect(await listed()).to.include({ total_cost: 0 });
  });

  it('removes a trace with its spans, tags and scores', async () => {
    await running.call('POST', '/traces', trace(1, { tags: ['t'], spans: [span(2)] }));
    await running.call('POST', '/evaluations/trace-scores', { trace_id: id(1), name: 'q', value: '1' });
    expect((await running.call('DELETE', `/traces/${id(1)}`)).status).to.equal(204);
    for (const path of ['/traces', '/traces?tags=t', '/evaluations/trace-scores']) {
      expect((await running.call('GET', path)).body.total, path).to.equal(0);
    }
    await running.call('POST', '/traces', trace(1));
    expect((await read(1)).spans).to.deep.equal([]);
  });

  it('adds and removes tags of many traces, and counts the existing traces', async () => {
    for (const n of [1, 2]) await running.call('POST', '/traces', trace(n, { tags: ['old'] }));
    const body = { trace_ids: [id(1), id(2), id(3)], add_tags: ['new', 'old'], remove_tags: ['old', 'none'] };
    expect((await running.call('POST', '/traces/batch/tags', body)).body).to.deep.equal({ updated: 2 });
    expect((await listed()).tags).to.deep.equal(['new', 'old']);
    const removed = await running.call('POST', '/traces/batch/delete', { trace_ids: [id(1), id(3)] });
    expect(removed.body).to.deep.equal({ deleted: 1 });
  });

  it('marks an edited score as given by a person', async () => {
    await running.call('POST', '/traces', trace(1));
    const score = {
      trace_id: id(1),
      name: 'q',
      value: 'true',
      data_type: 'BOOLEAN',
      source: 'PROGRAMMATIC',
      metadata: { a: 1 },
    };
    const { body } = await running.call('POST', '/evaluations/trace-scores', score);
    const path = `/evaluations/trace-scores/${body.id}`;
    expect((await running.call('PATCH', path, { value: 'maybe' })).status).to.equal(422);
    const edited = await running.call('PATCH', path, { value: 'false', metadata: { b: 2 } });
    expect(edited.body).to.include({ value: 'false', source: 'ANNOTATION', status: 'SUCCESS' });
    expect(edited.body.metadata).to.deep.equal({ b: 2 });
    expect((await running.call('DELETE', path)).status).to.equal(204);
    expect((await running.call('DELETE', path)).status).to.equal(404);
  });

  it('gives the latest score of each name', async () => {
    await running.call('POST', '/traces', trace(1));
    for (const [name, value] of [
      ['b', '0.1'],
      ['a', '0.2'],
      ['b', '0.3'],
    ]) {
      await running.call('POST', '/evaluations/trace-scores', { trace_id: id(1), name, value });
    }
    const { body } = await running.call('GET', `/evaluations/trace-scores/${id(1)}`);
    expect(body.map((each: { name: string; value: string }) => each.name + each.value)).to.deep.equal(['a0.2', 'b0.3']);
  });
});
