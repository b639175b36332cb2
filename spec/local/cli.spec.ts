import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { exitCodes } from '../../lib/local/failure.js';
import { commands } from '../../lib/local/program.js';
import {
  callAt,
  endOf,
  id,
  known,
  type Running,
  root,
  runCli,
  span,
  spawnCli,
  startRunning,
  temporaryFolder,
  trace,
} from '../support/local-server.js';

describe('Command line', () => {
  let running: Running;
  let at: string[];
  before(async () => {
    running = await startRunning();
    at = ['--endpoint', running.server.url];
    const spans = [
      span(11, { name: 'agent', kind: 'AGENT', status: 'OK', ended_at: '2026-03-29T10:00:02Z' }),
      span(12, {
        name: 'ask \u001b[31mred',
        kind: 'LLM',
        parent_span_id: id(11),
        model: 'gpt-5.4',
        token_usage: { prompt_tokens: 1000, completion_tokens: 234 },
        cost: { total: 0.002 },
      }),
      span(13, {
        name: 'look',
        kind: 'TOOL',
        status: 'ERROR',
        error: 'no\nluck',
        parent_span_id: id(11),
        started_at: '2026-03-29T10:00:01Z',
      }),
    ];
    await running.call(
      'POST',
      '/traces',
      trace(1, { name: 'support', spans, ended_at: '2026-03-29T10:00:03Z', session_id: 's', tags: ['t'] }),
    );
    await running.call(
      'POST',
      '/traces',
      trace(2, { name: 'later', status: 'ERROR', started_at: '2026-03-30T10:00:00Z' }),
    );
    await running.call('POST', '/evaluations/trace-scores', {
      trace_id: id(1),
      name: 'good',
      value: '0.9',
      reason: 'seen',
    });
  });
  after(() => running[Symbol.asyncDispose]());

  it('shows options before the program to run, whose own options follow', async () => {
    expect((await runCli(['run', '--help'])).out).to.match(/^Usage {2}pandaprobe-ts run \[options\] -- <command>\n/);
    expect((await runCli(['show', '--help'])).out).to.match(/^Usage {2}pandaprobe-ts show \[<trace>\] \[options\]\n/);
  });

  it('prints help for itself and for each command, with examples', async () => {
    const help = await runCli(['--help']);
    expect(help).to.include({ code: 0, err: '' });
    for (const { name } of commands) {
      expect(help.out).to.include(`  ${name}`);
      const own = await runCli([name, '--help']);
      expect(own.code).to.equal(0);
      expect(own.out).to.include('Examples').and.include('--json').and.include(`pandaprobe-ts ${name}`);
    }
    expect((await runCli(['--version'])).out).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  for (const args of [
    ['nope'],
    ['list', '--nope'],
    ['list', 'x'],
    ['show', 'a', 'b'],
    ['local', '--port', '70000'],
    ['local', '--memory', '--file', 'x'],
    ['local', '--memory', '--port', '0', '--host', '0.0.0.0'],
    ['list', '--endpoint', 'x'],
    ['demo', '--runs', '0'],
    ['tail', '--count', 'x'],
  ]) {
    it(`ends with 2 and one line for ${args.join(' ')}`, async () => {
      const { code, out, err } = await runCli(args);
      expect({ code, out }).to.deep.equal({ code: 2, out: '' });
      expect(err).to.match(/^pandaprobe-ts: [^\n]+\n$/);
    });
  }

  it('lists traces as a table or as JSON lines', async () => {
    const table = await runCli(['list', ...at]);
    expect(table.code).to.equal(0);
    expect(table.out.split('\n')[1]).to.match(/^00000000-0000-4000-8000-000000000002 .* ERROR .* later$/);
    expect(table.out.split('\n')[2]).to.match(/COMPLETED +3\.0 s +3 +1,234 +\$0\.002 +support +s +t$/);
    const json = await runCli(['list', ...at, '--json', '--status', 'COMPLETED']);
    expect(JSON.parse(json.out)).to.include({ trace_id: id(1), span_count: 3 });
    expect((await runCli(['list', ...at, '--status', 'X'])).code).to.equal(2);
  });

  it('shows a trace as a tree, without control characters', async () => {
    const { out, err } = await runCli(['show', id(1), ...at]);
    expect(err).to.equal(`${running.server.url}/#/trace/${id(1)}?project=spec\n`);
    expect(out).to.equal(
      [
        `support 3.0 s  1,234 tokens  $0.002  session s  tags t  ${id(1)}`,
        '└─ agent AGENT 2.0 s',
        '   ├─ ask \\u001b[31mred LLM gpt-5.4 open  1,234 tokens  $0.002',
        '   └─ look TOOL open  ERROR no\\u000aluck',
        'score good = 0.9  seen',
        '',
      ].join('\n'),
    );
  });

  it('finds a trace by the id that list prints, by the start of its id, or the newest', async () => {
    expect(JSON.parse((await runCli(['show', ...at, '--json'])).out)).to.include({ trace_id: id(2) });
    const { out } = await runCli(['list', ...at]);
    const [, printed = ''] = out.split('\n').map((line) => line.split(' ')[0]);
    expect(JSON.parse((await runCli(['show', printed, ...at, '--json'])).out)).to.include({ trace_id: id(2) });
    expect((await runCli(['show', '0000', ...at])).code).to.equal(2);
    expect((await runCli(['show', 'ffff', ...at])).code).to.equal(8);
    expect((await runCli(['show', id(404), ...at])).code).to.equal(8);
  });

  it('exports the traces it imported, and may import them twice', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'traces.jsonl');
    const { code } = await runCli(['export', ...at, '--out', file]);
    expect(code).to.equal(0);
    await using other = await startRunning();
    const there = ['--endpoint', other.server.url, '--project', 'spec'];
    for (const _ of [1, 2]) expect((await runCli(['import', file, ...there])).code).to.equal(0);
    const again = await runCli(['export', ...there]);
    const plain = (text: string) => text.replaceAll(/"(project_id|id|created_at|updated_at)":"[^"]*"/g, '');
    expect(plain(again.out)).to.equal(plain(readFileSync(file, 'utf8')));
  });

  it('says which line cannot be imported', async () => {
    const { code, err } = await runCli(['import', ...at], `${JSON.stringify(trace(70))}\n{"name": ""}\n`);
    expect(code).to.equal(1);
    expect(err).to.include('line 2').and.include('1 trace imported');
    expect((await runCli(['import', '/nowhere/x', ...at])).code).to.equal(4);
  });

  it('follows new traces', async () => {
    const child = spawnCli(['tail', ...at, '--project', 'live', '--json', '--count', '1']);
    const ended = endOf(child);
    const headers = { ...known, 'X-Project-Name': 'live' };
    // It is listening at the latest when it has printed something: send until then.
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await running.call('POST', '/traces', trace(80), headers);
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    const { code, out } = await ended;
    expect(code).to.equal(0);
    expect(JSON.parse(out)).to.include({ trace_id: id(80) });
  });

  it('exits with 7 if no server answers', async () => {
    const { code, err } = await runCli(['list', '--endpoint', 'http://127.0.0.1:9']);
    expect(code).to.equal(7);
    expect(err).to.include('npx pandaprobe-ts local');
  });

  it('fills a server with realistic runs', async () => {
    const { code, out } = await runCli(['demo', ...at, '--json', '--runs', '12']);
    expect(code).to.equal(0);
    const { newest, project } = JSON.parse(out);
    expect(project).to.equal('demo');
    const headers = { 'X-API-Key': 'k', 'X-Project-Name': 'demo' };
    const { body } = await running.call('GET', '/traces?limit=200', undefined, headers);
    expect(body.total).to.equal(12);
    expect(body.items[0].trace_id).to.equal(newest);
    const some = (is: (item: { status: string; total_cost: number; span_count: number }) => boolean) =>
      body.items.some(is);
    expect(
      some((item) => item.status === 'ERROR') && some((item) => item.total_cost > 0.01 && item.span_count > 6),
    ).to.equal(true);
    const { body: sessions } = await running.call('GET', '/sessions?sort_by=trace_count', undefined, headers);
    expect(sessions.items[0]).to.include({ trace_count: 3, user_id: 'ana' });
  });

  it('prints addresses that open the viewer at the right project', async () => {
    const { out } = await runCli(['demo', ...at, '--runs', '1', '--project', 'two words']);
    expect(out).to.include(`${running.server.url}/#/traces?project=two+words\n`);
    expect(out).to.match(/\/#\/trace\/[0-9a-f-]{36}[?]project=two[+]words\n/);
    await using folder = await temporaryFolder();
    const args = ['local', '--port', '0', '--file', join(folder.path, 'traces.db')];
    const start = async (env: Record<string, string>) => {
      const child = spawnCli(args, env);
      const ended = endOf(child);
      const url = await new Promise<string>((resolve) => {
        child.stdout?.once('data', (data) => resolve(/on (http:\S+)/.exec(String(data))?.[1] ?? ''));
      });
      await callAt(url, 'POST', '/traces', trace(1), { ...known, 'X-Project-Name': 'used-last' });
      child.kill('SIGINT');
      return (await ended).out.replaceAll(url, '');
    };
    expect(await start({})).not.to.include('?project=');
    expect(await start({})).to.include('project used-last: /#/traces?project=used-last\n');
    expect(await start({ PANDAPROBE_PROJECT_NAME: 'mine' })).to.include('project mine: /#/traces?project=mine\n');
  });

  it('starts a server for the demo if told so', async () => {
    const child = spawnCli(['demo', '--memory', '--port', '0', '--json', '--runs', '3']);
    const ended = endOf(child);
    const line = await new Promise<string>((resolve) => child.stdout?.once('data', (data) => resolve(String(data))));
    const answer = await fetch(`${JSON.parse(line).url}/local/projects`);
    expect(((await answer.json()) as { items: object[] }).items[0]).to.include({ name: 'demo', trace_count: 3 });
    child.kill('SIGINT');
    expect((await ended).code).to.equal(0);
  });

  it('documents its exit codes', () => {
    const docs = readFileSync(join(root, 'docs/local-server.md'), 'utf8');
    const rows = [...docs.matchAll(/^\| (\d+) \| /gm)].map(([, code]) => Number(code));
    expect(rows).to.deep.equal(Object.values(exitCodes));
  });

  it('keeps its exit code and its result if standard error is closed', async () => {
    for (const [to, wanted] of [
      [at, 0],
      [['--endpoint', 'http://127.0.0.1:1'], 7],
    ] as const) {
      const child = spawnCli(['list', '--project', 'spec', ...to]);
      child.stderr?.destroy();
      const { code, out } = await endOf(child);
      expect([code, out.includes(id(1))]).to.deep.equal([wanted, wanted === 0]);
    }
  });
});
