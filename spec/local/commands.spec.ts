import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { CommandEnvironment } from '../../lib/local/environment.js';
import {
  type Ended,
  endOf,
  id,
  known,
  type Running,
  runCli,
  span,
  spawnCli,
  startRunning,
  temporaryFolder,
  trace,
} from '../support/local-server.js';
import { runHere } from './run-here.js';
import { elsewhere, UsedOptions } from './used-options.js';

const used = new UsedOptions();

function cli(args: string, input?: string, env: Record<string, string> = {}): Promise<Ended> {
  note(args);
  return runCli(args.split(' '), input, env);
}

/** The same without a process of its own. */
function inProcess(args: string, environment: Partial<CommandEnvironment>): Promise<Ended> {
  note(args);
  return runHere(args, environment);
}

const note = (args: string) => used.note(args);

const lines = (text: string) => text.split('\n').filter((line) => line !== '');
const names = ({ out }: Ended) => lines(out).map((line) => (JSON.parse(line) as { name: string }).name);

describe('Commands', () => {
  let running: Running;
  let env: Record<string, string>;
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const put = (body: object, project = 'spec') =>
    running.call('POST', '/traces', body, { ...known, 'X-Project-Name': project });

  before(async () => {
    running = await startRunning();
    env = { PANDAPROBE_ENDPOINT: running.server.url };
    const call = span(11, { kind: 'TOOL', name: 'look', input: { query: 'a Refund, please' } });
    const model = span(12, {
      started_at: minutesAgo(10),
      kind: 'LLM',
      model: 'gpt-5.4',
      token_usage: { prompt_tokens: 5 },
      cost: { total: 0.5 },
    });
    const mine = { session_id: 's-1', user_id: 'ana', tags: ['t'], environment: 'prod', release: '1.0' };
    await put(trace(1, { name: 'old', started_at: minutesAgo(600), ended_at: minutesAgo(599), spans: [call] }));
    await put(
      trace(2, { name: 'fresh', started_at: minutesAgo(10), ended_at: minutesAgo(9), spans: [model], ...mine }),
    );
    await put(
      trace(3, { name: 'failed', started_at: minutesAgo(5), ended_at: minutesAgo(4), status: 'ERROR', ...mine }),
    );
    await put(trace(9, { name: 'elsewhere' }), 'support');
  });
  after(() => running[Symbol.asyncDispose]());

  it('uses PANDAPROBE_ENDPOINT, which --endpoint overrides', async () => {
    expect(names(await cli('list --project spec --json', '', env))).to.deep.equal(['failed', 'fresh', 'old']);
    const at = `list --project spec --json --endpoint ${running.server.url}`;
    expect(names(await cli(at, '', { PANDAPROBE_ENDPOINT: 'http://127.0.0.1:1' }))).to.have.lengthOf(3);
    const wrong = await cli('list', '', { PANDAPROBE_ENDPOINT: 'nowhere' });
    expect([wrong.code, wrong.err]).to.deep.equal([
      2,
      'pandaprobe-ts: PANDAPROBE_ENDPOINT expects an address that starts with http:// or https://, got nowhere\n',
    ]);
  });

  for (const [options, found] of [
    ['--since 1h', 'failed fresh'],
    ['--since 1d --status error', 'failed'],
    ['--text refund', 'old'],
    ['--text REFUND --kind tool', 'old'],
    ['--kind LLM', 'fresh'],
    ['--kind LLM --text refund', ''],
    ['--name fre', 'fresh'],
    ['--session s-1 --user ana --tag t --tag u', 'failed fresh'],
    ['--sort name --order asc --limit 2 --offset 1', 'fresh old'],
    ['--before 2000-01-01', ''],
    ['--after 2000-01-01T00:00Z --limit 1', 'failed'],
    ['--filter kind:llm', 'fresh'],
    ['--filter refund --kind TOOL', 'old'],
    ['--model GPT-5* --env prod --release 1.0', 'fresh'],
    ['--sort tokens', 'fresh failed old'],
    ['--sort cost --limit 1', 'fresh'],
    ['--sort duration --order asc --filter spans:>=1', 'old fresh'],
  ] as const) {
    it(`lists, for ${options}: ${found || 'nothing'}`, async () => {
      const ended = await inProcess(`list ${options} --project spec --key k --json`, { endpoint: running.server.url });
      expect(ended.code, ended.err).to.equal(0);
      expect(names(ended).join(' ')).to.equal(found);
    });
  }

  for (const [args, expected] of [
    ['list --limit 201', '--limit expects a whole number from 1 to 200, got "201"'],
    ['list --offset=-1', '--offset expects a whole number'],
    ['list --offset -1', '--offset'],
    ['list --status DONE', '--status expects one of PENDING, RUNNING, COMPLETED, ERROR, got "DONE"'],
    ['list --kind robot', '--kind expects one of AGENT'],
    ['list --sort size', '--sort'],
    ['list --filter duration:long', '--filter expects words of the search (duration:long should be a number'],
    ['list --filter kind:llm --kind TOOL', '--filter expects no kind: beside --kind, got "kind:llm"'],
    ['export --filter cost:x', '--filter'],
    ['delete --filter cost:x', '--filter'],
    ['list --order up', '--order'],
    ['list --since yesterday', '--since expects a number with s, m, h, d or w'],
    ['list --since 1h --after 2026-01-01', '--since'],
    ['export --after soon', '--after expects a time'],
    ['stats --before x', '--before'],
    ['stats --by minute', '--by expects one of hour, day, week'],
    ['sessions --limit 0', '--limit'],
    ['tail --count 0', '--count'],
    ['list --project=-x', '--project expects'],
    ['list --name=', '--name expects a text'],
    ['list --limit', '--limit'],
    ['list --json=x', '--json'],
    ['delete', 'got neither'],
    [`delete ${id(1)} --name x`, 'not both'],
    ['delete abc', 'whole ids'],
    ['completions', 'bash, zsh, fish'],
    ['completions tcsh', 'tcsh'],
    ['open a b', 'unexpected argument b'],
  ] as const) {
    it(`refuses ${args} and names the option`, async () => {
      const { code, out, err } = await inProcess(args, { endpoint: running.server.url });
      expect([code, out]).to.deep.equal([2, '']);
      expect(err)
        .to.match(/^pandaprobe-ts: [^\n]+\n$/)
        .and.include(expected);
    });
  }

  it('prints errors as JSON, too', async () => {
    const wrong = await cli('list --json --limit x', '', env);
    expect(JSON.parse(wrong.err)).to.deep.include({ ending: 'usage', exitCode: 2 });
    const gone = await cli(`show ${id(404)} --json --project spec`, '', env);
    expect([gone.code, gone.out]).to.deep.equal([8, '']);
    expect(JSON.parse(gone.err)).to.deep.include({ ending: 'notFound', exitCode: 8 });
    expect(JSON.parse((await cli('nope --json')).err)).to.include({ exitCode: 2 });
  });

  it('reports a misspelt project as an error, and suggests a similar name', async () => {
    for (const command of ['list', 'export', 'stats', 'sessions', 'show', 'open --print', `delete ${id(1)}`]) {
      const { code, out, err } = await inProcess(`${command} --project suport`, { endpoint: running.server.url });
      expect([code, out], command).to.deep.equal([8, '']);
      expect(err).to.include('There is no project suport. Did you mean support?');
    }
    const { code, err } = await cli('list', '', { ...env, PANDAPROBE_PROJECT_NAME: 'qqq' });
    expect(code).to.equal(8);
    expect(err).to.include('There are: ').and.include('spec');
  });

  it('shows a trace of another project than the one used last', async () => {
    const { out } = await cli(`show ${id(9)} --json`, '', env);
    expect(JSON.parse(out)).to.include({ name: 'elsewhere' });
    expect((await cli(`show ${id(9)} --project spec`, '', env)).code).to.equal(8);
    expect((await cli(`show ${id(9)} --project support --key k --endpoint ${running.server.url}`)).code).to.equal(0);
  });

  it('lists projects', async () => {
    const { out } = await cli('projects --json --key k', '', env);
    expect(lines(out).map((line) => JSON.parse(line).name)).to.include.members(['spec', 'support']);
    const table = await cli(`projects --endpoint ${running.server.url}`);
    expect(table.out)
      .to.match(/^project +traces +last\n/)
      .and.match(/^support +1 +2026-/m);
  });

  it('lists sessions', async () => {
    const options = '--id s- --user ana --tag t --errors --since 1h --sort cost --order asc --limit 5 --offset 0';
    const { out } = await cli(`sessions ${options} --project spec --key k --json`, '', env);
    expect(JSON.parse(out)).to.include({ session_id: 's-1', trace_count: 2, has_error: true, total_cost: 0.5 });
    const none = await cli(`sessions --before 2000-01-01 --endpoint ${running.server.url} --project spec`);
    expect([none.code, none.out]).to.deep.equal([0, '']);
    const table = await cli('sessions --after 2000-01-01 --project spec', '', env);
    expect(table.out).to.match(/^s-1 .* 2 .* \$0\.5 +ERROR +ana$/m);
  });

  it('prints statistics', async () => {
    const { out } = await cli('stats --since 1d --by hour --project spec --key k --json', '', env);
    const { traces, errors, tokens, cost, models } = JSON.parse(out);
    expect({ traces, errors, tokens, cost }).to.deep.equal({ traces: 3, errors: 1, tokens: 5, cost: 0.5 });
    expect(models).to.deep.equal([{ model: 'gpt-5.4', call_count: 1, total_tokens: 5, total_cost: 0.5 }]);
    const range = '--after 2000-01-01 --before 2100-01-01';
    const table = await cli(`stats ${range} --project spec --endpoint ${running.server.url}`);
    expect(table.out)
      .to.match(/^all +3 +1 .*5 +\$0\.5$/m)
      .and.match(/^gpt-5\.4 +1 +5 +\$0\.5$/m);
  });

  it('deletes the named traces, and with --yes those that options select', async () => {
    for (const n of [1, 2, 3, 4]) await put(trace(30 + n, { name: `n${n}`, tags: n > 2 ? ['old'] : [] }), 'rid');
    const rid = '--project rid';
    const asked = await cli(`delete --tag old ${rid} --json`, '', env);
    expect([asked.code, JSON.parse(asked.out)]).to.deep.equal([2, { deleted: 0, found: 2, project: 'rid' }]);
    const one = await cli(`delete ${id(31)} ${rid} --json --key k`, '', env);
    expect(JSON.parse(one.out)).to.deep.equal({ deleted: 1, found: 1, project: 'rid' });
    expect((await cli(`delete ${id(31)} ${rid}`, '', env)).code).to.equal(8);
    const listed = await cli(`list --name n2 --json ${rid}`, '', env);
    const piped = await cli(`delete - ${rid} --endpoint ${running.server.url}`, listed.out);
    expect([piped.code, piped.err]).to.deep.equal([0, '1 trace of project rid deleted\n']);
    const filters = '--status COMPLETED --name n --after 2026-01-01 --before 2027-01-01 --tag old';
    expect(
      (await cli(`delete ${filters} --kind LLM --text x --session s --user u ${rid} --yes`, '', env)).code,
    ).to.equal(0);
    const words = '--filter spans:>5 --model m --env e --release r --yes --json';
    expect((await cli(`delete ${words} ${rid}`, '', env)).out).to.include('"deleted":0');
    expect((await cli(`delete ${filters} --since 9999w ${rid}`, '', env)).code).to.equal(2);
    expect((await cli(`delete ${filters} --yes ${rid} --json`, '', env)).out).to.include('"deleted":2');
    expect((await cli(`list ${rid} --json`, '', env)).out).to.equal('');
  });

  it('imports into another project as copies with new ids, which are the same each time, and says so', async () => {
    const spans = [
      span(21, { name: 'a' }),
      span(22, { name: 'b', parent_span_id: id(21), started_at: '2026-03-29T10:00:01Z' }),
    ];
    await put(trace(20, { name: 'copied', spans }), 'from');
    const score = { trace_id: id(20), name: 'good', value: '1' };
    await running.call('POST', '/evaluations/trace-scores', score, { ...known, 'X-Project-Name': 'from' });
    const { out: exported } = await cli('export --project from --out -', '', env);
    const said = [];
    for (const _ of [1, 2]) said.push(await cli('import - --project to --json', exported, env));
    expect(said.map(({ out }) => JSON.parse(out))).to.deep.equal(
      Array(2).fill({ imported: 1, project: 'to', copied: 1, from: ['from'] }),
    );
    const copies = lines((await cli('export --project to --json', '', env)).out).map((line) => JSON.parse(line));
    expect(copies).to.have.lengthOf(1);
    const [{ trace_id: traceId, spans: made, scores }] = copies;
    expect(traceId).not.to.equal(id(20));
    expect(made.map((each: { name: string }) => each.name)).to.deep.equal(['a', 'b']);
    expect([made[0].span_id === id(21), made[1].parent_span_id === made[0].span_id]).to.deep.equal([false, true]);
    expect(scores).to.have.lengthOf(1);
    expect(scores[0]).to.include({ trace_id: traceId, name: 'good' });
    const plain = await cli(`import --project to2 --key k --endpoint ${running.server.url}`, exported);
    expect(plain.err).to.equal(
      '1 trace imported into project to2\n1 copied with new ids, because they come from project from\n',
    );
    // An export of before names the project by its id only.
    const { project: _, ...older } = JSON.parse(exported);
    expect(JSON.parse((await cli('import --project to3 --json', JSON.stringify(older), env)).out).copied).to.equal(1);
    const same = await cli('import --project from --json', exported, env);
    expect(JSON.parse(same.out)).to.deep.equal({ imported: 1, project: 'from', copied: 0, from: [] });
  });

  it('exports the traces that options select', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'x.jsonl');
    const options =
      '--since 1h --status COMPLETED --kind LLM --text gpt --session s-1 --user ana --tag t --name fresh --model gpt-5* --env prod --release 1.* --filter tokens:5';
    const { code, out, err } = await cli(`export ${options} --project spec --key k --out ${file} --json`, '', env);
    expect([code, out]).to.deep.equal([0, '']);
    expect(JSON.parse(err)).to.deep.equal({ exported: 1, project: 'spec' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.include({ name: 'fresh', project: 'spec' });
    const none = await cli(
      `export --after 2000-01-01 --before 2000-01-02 --endpoint ${running.server.url} --project spec`,
    );
    expect([none.code, none.out]).to.deep.equal([0, '']);
  });

  it('exits with 130 and a summary so far when it is stopped', async () => {
    const child = spawnCli(['import', '--project', 'stopped', '--endpoint', running.server.url]);
    note('import --project --endpoint');
    const ended = endOf(child);
    child.stdin?.write(`${JSON.stringify(trace(90))}\n`);
    while (
      (await running.call('GET', `/traces/${id(90)}`, undefined, { ...known, 'X-Project-Name': 'stopped' })).status !==
      200
    );
    child.kill('SIGINT');
    const { code, err } = await ended;
    expect(code).to.equal(130);
    expect(err).to.equal('pandaprobe-ts: stopped before it was done: 1 trace imported\n');
  });

  it('has used every option of every command above', () => {
    note('show --step --as'); // in compare-commands.spec.ts
    note('delete --all'); // as above
    expect(used.missing((name) => !elsewhere.includes(name))).to.deep.equal([]);
  });
});
