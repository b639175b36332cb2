import { expect } from 'chai';
import { openSqlite } from '../../lib/local/store/sqlite.js';
import { id, known, type Running, span, startRunning, temporaryFolder, trace } from '../support/local-server.js';

const kinds = ['LLM', 'TOOL', 'EMBEDDING', 'AGENT'];
const firstDay = Date.UTC(2026, 0, 1);
/** More of each kind than are gathered where few fit. */
const [traces, spansOfEach] = [50, 300];

/** Numbers that look random and are the same in each run. Source: Park and Miller, 1988. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

interface Span {
  readonly span_id: string;
  readonly kind: string;
  readonly name: string;
  readonly model: string | null;
  readonly status: string;
  readonly started_at: string;
  readonly latency_ms: number | null;
  readonly token_usage: { readonly prompt_tokens: number } | null;
  readonly cost: { readonly total: number } | null;
}

/** What is added up, by its definition: over all spans, one by one. */
function addedUp(spans: readonly Span[], nameOf: (span: Span) => string | null) {
  const groups = new Map<string, Span[]>();
  for (const each of spans) {
    const name = nameOf(each);
    if (name === null) continue;
    const own = groups.get(name) ?? [];
    own.push(each);
    groups.set(name, own);
  }
  const sum = (list: readonly number[]) => list.reduce((all, each) => all + each, 0);
  const rows = [...groups].map(([name, own]) => {
    const latencies = own.flatMap(({ latency_ms: ms }) => ms ?? []).sort((a, b) => a - b);
    const at = (share: number) => {
      const place = (latencies.length - 1) * share;
      const [low = Number.NaN, high = low] = latencies.slice(Math.floor(place));
      return latencies.length === 0 ? null : low + (high - low) * (place - Math.floor(place));
    };
    return {
      name,
      call_count: own.length,
      failure_count: own.filter(({ status }) => status === 'ERROR').length,
      p50_latency_ms: at(0.5),
      p95_latency_ms: at(0.95),
      total_tokens: sum(own.map((each) => each.token_usage?.prompt_tokens ?? 0)),
      total_cost: sum(own.map((each) => each.cost?.total ?? 0)),
    };
  });
  return rows.sort((a, b) => b.call_count - a.call_count || (a.name < b.name ? -1 : 1));
}

describe('Tools and models of the local server', function () {
  this.timeout(60_000);

  const random = numbers(7);
  const at = (micros: number) => new Date(firstDay + micros / 1000).toISOString().replace('Z', `${micros % 1000}Z`);

  /** All of it in whole milliseconds and quarters of a dollar, so that sums are the same in any order. */
  function randomSpan(n: number): object {
    const started = firstDay + random(20 * 86_400_000);
    const isOpen = random(20) === 0;
    return span(n, {
      kind: kinds[random(kinds.length)],
      name: `step ${random(5)}`,
      status: random(6) === 0 ? 'ERROR' : 'OK',
      model: random(3) === 0 ? null : `model ${random(4)}`,
      started_at: new Date(started).toISOString(),
      ended_at: isOpen ? null : new Date(started + random(5000)).toISOString(),
      token_usage: random(4) === 0 ? null : { prompt_tokens: random(1000) },
      cost: random(4) === 0 ? null : { total: random(9) / 4 },
    });
  }

  function randomTrace(n: number): object {
    const spans = Array.from({ length: spansOfEach }, (_, place) => randomSpan(n * 1000 + place));
    return trace(n, { started_at: at(0), spans });
  }

  async function allSpans(running: Running): Promise<Span[]> {
    const { body } = await running.call('GET', '/traces?limit=200');
    const spans: Span[] = [];
    for (const { trace_id: traceId } of body.items as { trace_id: string }[])
      spans.push(...(await running.call('GET', `/traces/${traceId}`)).body.spans);
    return spans;
  }

  /** Compares each way of asking with the definition. */
  async function compare(running: Running): Promise<void> {
    while ((await running.call('GET', '/local/steps?limit=1')).body.indexing > 0);
    const spans = await allSpans(running);
    const starts = spans.map(({ started_at: time }) => Date.parse(time));
    const [first, last] = [Math.min(...starts), Math.max(...starts)];
    const day = 86_400_000;
    const ranges = [
      [firstDay + 1.25 * day, firstDay + 21.25 * day],
      [firstDay + 1.25 * day, firstDay + 1.75 * day],
      // From the first step; up to the last, which is not in it; with room at both ends.
      [first, first + 2 * day],
      [first, last],
      [first - day, last + 1],
    ];
    for (const range of ranges) {
      const [after, before] = range.map((time) => new Date(time).toISOString());
      const times = `started_after=${after}&started_before=${before}`;
      const within = spans.filter(({ started_at: time }) => {
        return Date.parse(time) >= Date.parse(after ?? '') && Date.parse(time) < Date.parse(before ?? '');
      });
      const models = await running.call('GET', `/local/steps/groups?by=model&${times}`);
      const isCall = ({ kind }: Span) => kind === 'LLM' || kind === 'EMBEDDING';
      expect(models.body.items).to.deep.equal(addedUp(within, (each) => (isCall(each) ? each.model : null)));
      const tools = await running.call('GET', `/local/steps/groups?by=tool&${times}`);
      expect(tools.body.items).to.deep.equal(addedUp(within, (each) => (each.kind === 'TOOL' ? each.name : null)));
      const top = await running.call('GET', `/traces/analytics?metric=models&${times}`);
      const expected = addedUp(within, ({ model }) => model).map((row) => ({
        ...{ model: row.name, call_count: row.call_count },
        ...{ total_tokens: row.total_tokens, total_cost: row.total_cost },
      }));
      expect(top.body).to.deep.equal(expected);
    }
  }

  it('are added up exactly after any inserts, changes and removals, many or few of them, and in an older file', async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/traces.db`;
    {
      await using running = await startRunning({ path });
      const lines = Array.from({ length: traces }, (_, n) => JSON.stringify(randomTrace(n)));
      const headers = { ...known, 'Content-Type': 'application/x-ndjson' };
      expect((await running.call('POST', '/local/import', lines.join('\n'), headers)).status).to.equal(200);
      await compare(running);
      for (let n = 0; n < 60; n += 1) {
        const one = random(traces);
        const anySpan = id(one * 1000 + random(spansOfEach));
        await [
          () => running.call('PATCH', `/traces/${id(one)}/spans/${anySpan}`, { model: 'model 9', status: 'ERROR' }),
          () => running.call('PATCH', `/traces/${id(one)}/spans/${anySpan}`, { ended_at: null, kind: 'TOOL' }),
          () => running.call('POST', '/traces', randomTrace(one)),
          () =>
            running.call('POST', `/traces/${id(one)}/spans`, [randomSpan(one * 1000 + 900), randomSpan(one * 1000)]),
          () => running.call('DELETE', `/traces/${id(random(8))}`),
        ][n % 5]?.();
      }
      await compare(running);
    }
    const older = await openSqlite(path);
    older.exec(`ALTER TABLE steps DROP COLUMN folded_error; DROP INDEX steps_by_tool; DROP INDEX steps_by_model;
      CREATE INDEX traces_by_end ON traces (project, ended); PRAGMA user_version = 4`);
    older.close();
    await using later = await startRunning({ path });
    await compare(later);
  });
});
