import { expect } from 'chai';
import { Database } from '../../lib/local/store/database.js';
import { SearchIndex } from '../../lib/local/store/search-index.js';
import { searchTraces } from '../../lib/local/store/trace-search.js';
import { readFilterText } from '../../lib/local/wire/filter-text.js';
import { Issues } from '../../lib/local/wire/issues.js';
import { id, known, type Running, span, startRunning, temporaryFolder, trace } from '../support/local-server.js';

const inProject = (name: string) => ({ ...known, 'X-Project-Name': name });

describe('Search in the local server', () => {
  let running: Running;

  /** Names of the traces that fit, as the list has them. */
  async function found(filter: string, more = '', project = 'spec'): Promise<string[]> {
    const path = `/local/traces?filter=${encodeURIComponent(filter)}${more}`;
    const { status, body } = await running.call('GET', path, undefined, inProject(project));
    expect(status, JSON.stringify(body)).to.equal(200);
    expect(body.total).to.equal(body.items.length);
    return body.items.map(({ name }: { name: string }) => name).sort();
  }

  before(async () => {
    running = await startRunning();
    const call = (name: string, fields: object) => ({ ...span(0), span_id: id(name.length + 500), name, ...fields });
    const llm = { kind: 'LLM', status: 'OK', ended_at: '2026-03-29T10:00:03Z' };
    const usage = { token_usage: { prompt_tokens: 6000 }, cost: { total: 0.2 } };
    await running.call(
      'POST',
      '/traces',
      trace(1, {
        ...{ status: 'ERROR', environment: 'prod', release: '2.4', user_id: 'ann', session_id: 's/1', tags: ['vip'] },
        ...{ ended_at: '2026-03-29T10:00:05Z', metadata: { order: 'A-77', note: 'naïve' } },
        input: { messages: [{ role: 'user', content: 'Where is my parcel?' }] },
        output: { messages: [{ role: 'assistant', content: 'It is on its way.' }] },
        spans: [
          call('ask', { ...llm, ...usage, model: 'gpt-5-mini', input: 'Be kind. Where is my parcel?' }),
          call('charge', {
            kind: 'TOOL',
            status: 'ERROR',
            error: 'card declined: 4711',
            output: { deep: [[['needle']]] },
          }),
        ],
      }),
    );
    await running.call(
      'POST',
      '/traces',
      trace(2, { environment: 'staging', release: '2.5', input: 'a declined card' }),
    );
    await running.call('POST', '/traces', trace(3, { input: 'needle of another project' }), inProject('other'));
  });
  after(() => running[Symbol.asyncDispose]());

  it('finds words of inputs, outputs, errors, metadata and names, in any case, whatever the accents', async () => {
    for (const word of [
      'PARCEL',
      'on its way',
      'needle',
      '4711',
      'A-77',
      'naive',
      'trace-1',
      'charge',
      'ann',
      'gpt-5',
    ]) {
      expect(await found(word), word).to.deep.equal(['trace-1']);
    }
    expect(await found('zebra')).to.deep.equal([]);
    expect(await found('needle', '', 'other')).to.deep.equal(['trace-3']);
  });

  it('finds several words in any order, a phrase in its order, and a word that is still being typed', async () => {
    expect(await found('card declined')).to.deep.equal(['trace-1', 'trace-2']);
    expect(await found('"card declined"')).to.deep.equal(['trace-1']);
    expect(await found('text:"declined card"')).to.deep.equal(['trace-2']);
    expect(await found('parc')).to.deep.equal(['trace-1']);
    expect(await found('parcel staging')).to.deep.equal([]);
  });

  it('finds by each key of the language, and by several at once', async () => {
    for (const filter of [
      ...['kind:llm', 'model:gpt-5*', 'status:error', 'duration:>2s', 'tokens:>5000', 'cost:>0.1', 'release:2.4'],
      ...['env:prod', 'user:ann', 'session:s/1', 'tag:vip', 'name:*-1', 'error:declined', 'spans:>=2', 'duration:<=1m'],
      ...['kind:llm duration:>2s parcel status:error', 'model:GPT-5-MINI cost:>$0.1', 'tokens:>5k'],
    ]) {
      expect(await found(filter), filter).to.deep.equal(['trace-1']);
    }
    for (const filter of ['kind:agent', 'kind:llm duration:>4s', 'model:gpt', 'tokens:>7000', 'env:pro', 'tag:none']) {
      expect(await found(filter), filter).to.deep.equal([]);
    }
  });

  it('treats special characters of the index, of patterns and of SQL as text', async () => {
    const odd = [
      '"',
      '*',
      'a"b',
      "'; DROP TABLE traces",
      'NEAR(a b)',
      '-x',
      'a:b',
      '%',
      '_',
      'text:',
      'tag:"',
      '(',
      'OR',
    ];
    for (const filter of odd) expect(await found(filter), filter).to.be.an('array');
    expect(await found('name:%')).to.deep.equal([]);
    expect(await found('')).to.deep.equal(['trace-1', 'trace-2']);
  });

  it('combines limits of one key', async () => {
    expect(await found('tokens:>5k tokens:<7k')).to.deep.equal(['trace-1']);
    expect(await found('tokens:>5k tokens:<6k')).to.deep.equal([]);
    expect(await found('duration:<=1m duration:>=5s')).to.deep.equal(['trace-1']);
    expect(await found('kind:llm duration:>2s duration:<2500ms')).to.deep.equal([]);
  });

  it('refuses a limit that is no number, and shows an example', async () => {
    const { status, body } = await running.call('GET', '/local/traces?filter=duration:>long');
    expect([status, body.errors]).to.deep.equal([
      422,
      [{ field: 'query -> filter', message: 'duration:>long should be a number such as duration:>2s' }],
    ]);
  });

  it('accepts any of the values if a key occurs more than once', async () => {
    expect(await found('release:2.4 release:2.5')).to.deep.equal(['trace-1', 'trace-2']);
    expect(await found('status:error status:completed')).to.deep.equal(['trace-1', 'trace-2']);
    expect(await found('kind:agent kind:tool')).to.deep.equal(['trace-1']);
    const { body } = await running.call('GET', '/local/steps?filter=kind:llm+kind:tool+error:none+error:declined');
    expect(body.items.map(({ name }: { name: string }) => name)).to.deep.equal(['charge']);
  });

  it('refuses an unknown kind and an unknown status, and names the known ones', async () => {
    for (const [filter, said] of Object.entries({
      'kind:lllm': 'kind:lllm is not known; use agent, ',
      'status:failed': 'status:failed is not known; use pending, running, completed, error, ',
    })) {
      for (const list of ['traces', 'steps', 'steps/groups']) {
        const { status, body } = await running.call('GET', `/local/${list}?filter=${filter}`);
        expect([status, body.errors[0].message.slice(0, said.length)]).to.deep.equal([422, said]);
      }
    }
    expect(await found('kind:l*')).to.deep.equal(['trace-1']);
  });

  it('shows excerpts and models, and sorts by tokens and cost', async () => {
    const { body } = await running.call('GET', '/local/traces?sort_by=tokens');
    expect(body.items[0]).to.include({ input_preview: 'Where is my parcel?', output_preview: 'It is on its way.' });
    expect(body.items[0].models).to.deep.equal(['gpt-5-mini']);
    const least = await running.call('GET', '/local/traces?sort_by=cost&sort_order=asc');
    expect(least.body.items[0]).to.include({ name: 'trace-2', input_preview: 'a declined card', output_preview: null });
  });

  it('finds words added by a change or a late span, and no words that were removed', async () => {
    await running.call('POST', '/traces', trace(9, { input: 'firstly', spans: [span(90)] }));
    expect(await found('firstly')).to.deep.equal(['trace-9']);
    await running.call('PATCH', `/traces/${id(9)}`, { input: 'secondly' });
    await running.call('POST', `/traces/${id(9)}/spans`, [span(91, { error: 'thirdly', kind: 'TOOL' })]);
    await running.call('PATCH', `/traces/${id(9)}/spans/${id(90)}`, { output: 'fourthly' });
    expect(await found('firstly')).to.deep.equal([]);
    expect(await found('secondly thirdly fourthly kind:tool')).to.deep.equal(['trace-9']);
    await running.call('DELETE', `/traces/${id(9)}`);
    expect(await found('secondly')).to.deep.equal([]);
    expect(await found('name:trace-9')).to.deep.equal([]);
  });

  it('lists steps over all traces, and adds up tools and models', async () => {
    const steps = await running.call('GET', '/local/steps?filter=kind:llm&sort_by=latency');
    expect(steps.body.items[0]).to.deep.include({
      ...{ trace_id: id(1), trace_name: 'trace-1', name: 'ask', kind: 'LLM', model: 'gpt-5-mini', status: 'OK' },
      ...{ latency_ms: 2999.999, total_tokens: 6000, total_cost: 0.2, error: null },
    });
    expect(steps.body.total).to.equal(1);
    const tools = await running.call('GET', '/local/steps/groups?by=tool');
    expect(tools.body.items).to.deep.equal([
      {
        ...{ name: 'charge', call_count: 1, failure_count: 1, p50_latency_ms: null, p95_latency_ms: null },
        ...{ total_tokens: 0, total_cost: 0 },
      },
    ]);
    const models = await running.call('GET', '/local/steps/groups?by=model&filter=env:prod');
    expect(models.body.items.map(({ name }: { name: string }) => name)).to.deep.equal(['gpt-5-mini']);
    const before = await running.call('GET', '/local/steps?started_before=2026-03-29T00:00:00Z');
    expect(before.body.total).to.equal(0);
  });

  it('adds up the latest releases over time', async () => {
    for (const [at, release] of ['1', '2', '3', '4', '5', '5'].entries()) {
      const times = { started_at: `2025-05-0${at + 1}T10:00:00Z`, ended_at: `2025-05-0${at + 1}T10:00:02Z` };
      const status = at === 5 ? 'ERROR' : 'COMPLETED';
      const sent = trace(30 + at, { ...times, status, release, environment: 'eu', spans: [] });
      await running.call('POST', '/traces', sent, inProject('releases'));
    }
    const times = 'granularity=day&started_after=2025-05-01T00:00:00Z&started_before=2025-05-08T00:00:00Z';
    const path = (by: string) => `/local/traces/buckets?by=${by}&${times}`;
    const releases = await running.call('GET', path('release'), undefined, inProject('releases'));
    const shown = releases.body.items.map(({ bucket, name }: Record<string, string>) => [bucket?.slice(0, 10), name]);
    const days = ['02', '03', '04', '05', '06'].map((day) => `2025-05-${day}`);
    expect(shown).to.deep.equal(days.map((day, at) => [day, ['2', '3', '4', '5', '5'][at]]));
    expect(releases.body.items[4]).to.deep.include({
      ...{ call_count: 1, failure_count: 1, p50_latency_ms: 2000, p95_latency_ms: 2000 },
      ...{ total_tokens: 0, total_cost: 0 },
    });
    const environments = await running.call('GET', path('environment'), undefined, inProject('releases'));
    expect(environments.body.items).to.have.lengthOf(6);
    const wrong = await running.call('GET', `/local/traces/buckets?by=user&${times}`);
    expect(wrong.status).to.equal(422);
  });

  it('indexes, after its first answer, the rest that an ended process left, and older files', async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/traces.db`;
    {
      const database = await Database.open(path);
      database.run("INSERT INTO projects (project_id, name) VALUES ('p', 'spec')");
      database.run(
        `INSERT INTO traces (trace_id, project, name, folded, status, started, created, tags, span_count, total_tokens,
           total_cost) VALUES (?, 1, 'old', 'old', 'COMPLETED', 1, 1, '[]', 0, 0, 0)`,
        id(1),
      );
      database.run("INSERT INTO trace_values (trace, input, metadata) VALUES (1, '\"long ago\"', '{}')");
      database.run('INSERT INTO search_pending VALUES (1)');
      database.close();
    }
    await using later = await startRunning({ path });
    const { body } = await later.call('GET', '/local/traces?filter=ago');
    expect(body.items.map(({ name }: { name: string }) => name)).to.deep.equal(['old']);
    expect(body.indexing).to.equal(0);
  });
});

describe('Search if the driver has no FTS5', () => {
  it('reads through the texts of packed and other traces', async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/traces.db`;
    await using running = await startRunning({ path });
    await running.call('POST', '/traces', trace(1, { input: 'Needle in a request', spans: [span(1)] }));
    await running.call('POST', '/traces', trace(2, { spans: [span(2)] }));
    await running.call('POST', `/traces/${id(2)}/spans`, [span(3, { output: 'a needle in a span' })]);
    await running.call('POST', '/traces', trace(3, { input: 'hay' }));
    const database = await Database.open(path);
    database.tryExec = () => false;
    const index = new SearchIndex(database);
    expect([index.hasWords, index.catchUp()]).to.deep.equal([false, 0]);
    const find = (filter: string) => {
      const text = readFilterText(filter, new Issues());
      const sort = { by: 'name', order: 'asc' } as const;
      const { items } = searchTraces(database, 1, {}, text, sort, { limit: 10, offset: 0 }, index.hasWords);
      return items.map(({ name }) => name);
    };
    expect(find('NEEDLE')).to.deep.equal(['trace-1', 'trace-2']);
    expect(find('needle "in a span"')).to.deep.equal(['trace-2']);
    expect(find('nothing')).to.deep.equal([]);
    index.close();
    database.close();
  });
});

describe('The filter language', () => {
  const read = (text: string) => {
    const issues = new Issues();
    return { ...readFilterText(text, issues), issues: issues.list.length };
  };

  it('keeps phrases, and words with a colon after no known key', () => {
    expect(read('a "b c" text:"d e" http://x.y tag:"two words"')).to.deep.equal({
      ...{ words: ['a', 'b c', 'd e', 'http://x.y'], texts: {}, tags: ['two words'], limits: {}, issues: 0 },
    });
  });

  it('reads units, and a number without a sign as a minimum', () => {
    expect(read('duration:1.5s tokens:2k cost:<=$0.25 spans:=3').limits).to.deep.equal({
      duration: [{ operator: '>=', value: 1500 }],
      tokens: [{ operator: '>=', value: 2000 }],
      cost: [{ operator: '<=', value: 0.25 }],
      spans: [{ operator: '=', value: 3 }],
    });
    expect(read('duration:>2parsecs').issues).to.equal(1);
  });

  it('lists traces with a very common word in the right order, and says that there are more than it counts', async () => {
    await using many = await startRunning();
    const start = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
    const count = 1300;
    const lines = Array.from({ length: count }, (_, n) =>
      JSON.stringify(trace(n, { started_at: start(n), input: n % 100 === 7 ? 'rain' : 'sunny weather' })),
    );
    for (const [at, project] of [
      [0, 'spec'],
      [10_000, 'other'],
    ] as const) {
      const text = lines.map((line) =>
        line.replaceAll(/0000(\d{5})"/g, (_, n) => `${String(Number(n) + at).padStart(9, '0')}"`),
      );
      const headers = { ...inProject(project), 'Content-Type': 'application/x-ndjson' };
      expect((await many.call('POST', '/local/import', text.join('\n'), headers)).body.imported).to.equal(count);
    }
    const ask = async (more: string, project = 'spec') =>
      (await many.call('GET', `/local/traces?filter=weather${more}`, undefined, inProject(project))).body;
    while ((await ask('')).indexing > 0);
    const names = (from: number, to: number) =>
      Array.from({ length: count }, (_, n) => n)
        .filter((n) => n % 100 !== 7)
        .map((n) => `trace-${n}`)
        .toReversed()
        .slice(from, to);
    const listed = ({ items }: { items: readonly { name: string }[] }) => items.map(({ name }) => name);
    for (const project of ['spec', 'other']) {
      const first = await ask('&limit=100', project);
      expect([first.total, first.at_least]).to.deep.equal([1001, true]);
      expect(listed(first)).to.deep.equal(names(0, 100));
      expect(listed(await ask('&limit=100&offset=600', project))).to.deep.equal(names(600, 700));
    }
    const oldest = await ask('&sort_order=asc&limit=20');
    expect(listed(oldest)).to.deep.equal(names(-20, count).toReversed());
    // With anything else, all are counted.
    expect((await ask(`&started_after=${start(0)}`)).total).to.equal(1287);
    expect(listed(await ask('&limit=200&offset=1200'))).to.deep.equal(names(1200, 1400));
  });

  it('lists traces with a common word even if the newest lack it, or arrived in another order', async () => {
    await using many = await startRunning();
    const start = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
    const place = (n: number) => (n * 617) % 2500; // each once: 617 and 2,500 share no factor
    const lines = Array.from({ length: 2500 }, (_, n) => {
      const at = n < 1000 ? n : place(n);
      return JSON.stringify(
        trace(n, { started_at: start(at), name: `at-${at}`, input: at < 1900 ? 'weather' : 'rain' }),
      );
    });
    await many.call('POST', '/local/import', lines.join('\n'), { ...known, 'Content-Type': 'application/x-ndjson' });
    const ask = async (more: string) => (await many.call('GET', `/local/traces?filter=weather${more}`)).body;
    while ((await ask('')).indexing > 0);
    const times = lines.map((line) => JSON.parse(line) as { started_at: string; input: string });
    const newest = times
      .filter(({ input }) => input === 'weather')
      .map(({ started_at: time }) => time.replace(/\.000Z$/, '+00:00'))
      .sort()
      .toReversed();
    const listed = ({ items }: { items: readonly { started_at: string }[] }) =>
      items.map(({ started_at: time }) => time);
    for (const [offset, limit] of [
      [0, 50],
      [700, 30],
    ] as const) {
      const page = `&offset=${offset}&limit=${limit}`;
      expect(listed(await ask(page))).to.deep.equal(newest.slice(offset, offset + limit));
      const oldest = newest.toReversed().slice(offset, offset + limit);
      expect(listed(await ask(`${page}&sort_order=asc`))).to.deep.equal(oldest);
    }
  });
});
