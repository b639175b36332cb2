import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { expect } from 'chai';
import { likePlatform } from '../local/like-platform.js';
import { startAnswering } from '../platform/answers.js';
import { id, known, type Running, span, startRunning, trace } from '../support/local-server.js';
import { run } from '../support/trial.js';
import { root } from '../support/user-project.js';
import { needFrameworks } from './support/installed.js';

/** Most characters of an answer, as the page says. */
const bound = 20_000;
const packages = { '2.x': 'server', '1.x': 'sdk' } as const;

describe('pandaprobe-ts mcp', () => {
  let work: string;
  let running: Running;
  let env: Record<string, string>;
  before(async function () {
    needFrameworks(this);
    work = await mkdtemp(join(tmpdir(), 'mcp-'));
    // A project for each generation of the SDK, and one without it. Copies, because a link leads back to where more is installed.
    for (const name of [...Object.values(packages), 'none']) {
      const own = join(work, name, 'node_modules/pandaprobe-ts');
      mkdirSync(own, { recursive: true });
      for (const part of ['dist/esm', 'package.json']) cpSync(join(root, part), join(own, part), { recursive: true });
      const sdk = join(work, name, 'node_modules/@modelcontextprotocol');
      mkdirSync(sdk);
      if (name !== 'none')
        symlinkSync(
          join(root, 'spec/integrations/node_modules/@modelcontextprotocol', name),
          join(sdk, name),
          'junction',
        );
    }
    running = await startRunning();
    env = { PANDAPROBE_ENDPOINT: running.server.url };
    const long = { text: 'x'.repeat(50_000) };
    const spans = (model: string, more: object[] = []) => [
      span(11, { name: 'search', kind: 'TOOL', input: { query: 'refund' }, output: 'a page', status: 'OK' }),
      ...more,
      span(13, {
        name: 'generate',
        kind: 'LLM',
        model,
        started_at: '2026-03-29T10:00:02Z',
        output: long,
        metadata: { key: 'value' },
      }),
    ];
    const failed = span(12, {
      name: 'pay',
      kind: 'TOOL',
      status: 'ERROR',
      error: 'no luck',
      started_at: '2026-03-29T10:00:01Z',
    });
    await put(trace(1, { name: 'good', session_id: 's', input: 'in', output: 'out', spans: spans('gpt-5.4') }));
    const second = {
      started_at: '2026-03-29T11:00:00Z',
      status: 'ERROR',
      session_id: 's',
      input: 'in',
      output: 'other',
    };
    const moved = [failed, ...spans('gpt-5.5')].map((each, at) => ({ ...each, span_id: id(20 + at) }));
    await put(trace(2, { name: 'bad', ...second, spans: moved }));
    await put(
      trace(3, {
        name: 'many',
        started_at: '2026-03-28T00:00:00Z',
        spans: Array.from({ length: 400 }, (_, n) => span(1000 + n, { name: `step-${n}-${'y'.repeat(100)}` })),
      }),
    );
    const score = { trace_id: id(1), name: 'quality', value: '0.9', reason: 'fine' };
    await running.call('POST', '/evaluations/trace-scores', score);
  });
  after(async () => {
    await running?.[Symbol.asyncDispose]();
    if (work !== undefined) rmSync(work, { recursive: true, force: true });
  });
  const put = (body: object) => running.call('POST', '/traces', body, known);

  /** A client of the official SDK, and the program at the other end. */
  async function connect(sdk: string, given: Record<string, string>, args: readonly string[] = []): Promise<Client> {
    const { Client: Own } = await import('@modelcontextprotocol/client');
    const { StdioClientTransport } = await import('@modelcontextprotocol/client/stdio');
    const client = new Own({ name: 'agent', version: '1.0.0' });
    const program = join(work, sdk, 'node_modules/pandaprobe-ts/dist/esm/cli.js');
    const { PATH = '', HOME = '' } = process.env;
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [program, 'mcp', ...args],
        env: { PATH, HOME, ...given },
        stderr: 'inherit',
      }),
    );
    return client;
  }

  async function ask(client: Client, name: string, given: object = {}): Promise<{ text: string; isError: boolean }> {
    const { content, isError } = await client.callTool({ name, arguments: { ...given } });
    const [first] = content as { type: string; text: string }[];
    expect(content).to.have.lengthOf(1);
    expect(first?.text.length).to.be.at.most(bound);
    return { text: first?.text ?? '', isError: isError === true };
  }

  for (const [generation, sdk] of Object.entries(packages)) {
    it(`lists its tools with their schemas and answers, with the SDK ${generation}`, async () => {
      const client = await connect(sdk, env);
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).to.deep.equal([
        ...['list_projects', 'list_traces', 'get_trace', 'list_steps', 'find_steps', 'add_up_steps', 'get_step'],
        ...['list_sessions', 'get_session', 'get_stats', 'compare_runs'],
      ]);
      for (const { description, inputSchema } of tools) {
        expect(description).to.match(/\.$/);
        expect(inputSchema).to.include({ type: 'object', additionalProperties: false });
        for (const each of Object.values(inputSchema.properties ?? {}))
          expect(each).to.include.keys('type', 'description');
      }
      expect((await ask(client, 'list_projects')).text).to.match(/^spec {2}3 traces/);
      await client.close();
    });
  }

  describe('its tools', () => {
    let client: Client;
    before(async () => {
      client = await connect('server', env);
    });
    after(() => client?.close());

    it('find traces by their content', async () => {
      const all = await ask(client, 'list_traces');
      expect(all.text.split('\n')[0]).to.equal('3 traces of project spec, from 0 on; 3 in all.');
      expect(all.text.split('\n')[1]).to.include(id(2)).and.include('ERROR').and.include('bad');
      expect((await ask(client, 'list_traces', { status: 'ERROR' })).text).to.match(/^1 trace /);
      const found = await ask(client, 'list_traces', { text: 'REFUND', kind: 'TOOL', session: 's', limit: 1 });
      expect(found.text).to.match(/^1 trace .* 2 in all\./);
      expect((await ask(client, 'list_traces', { tag: ['none'] })).text).to.match(/^0 traces/);
      // As clients send what a model has left out.
      const left = { status: null, text: null, limit: 1, tag: null, sort: null };
      expect((await ask(client, 'list_traces', left)).text).to.match(/^1 trace .* 3 in all\./);
    });

    it('find traces and steps by filters of the search', async () => {
      const found = await ask(client, 'list_traces', { filter: 'kind:llm "refund"', model: 'gpt-5.5', sort: 'spans' });
      expect(found.text).to.match(/^1 trace .* 1 in all\.\n.*bad/);
      const failed = await ask(client, 'find_steps', { status: 'ERROR' });
      expect(failed.text).to.match(/^1 step of project spec, from 0 on; 1 in all\.\n/);
      expect(failed.text).to.match(new RegExp(`\ntrace ${id(2)} {2}step ${id(20)} .* pay TOOL .* in bad {2}no luck$`));
      const models = { filter: 'model:gpt*', sort: 'name', order: 'asc', limit: 1, offset: 1 };
      expect((await ask(client, 'find_steps', models)).text).to.match(/^1 step .* 2 in all\.\n.* generate LLM gpt-5/);
      expect((await ask(client, 'add_up_steps', { by: 'tool' })).text).to.match(
        /^2 of tool in project spec\nsearch: 2 calls, 0 failed, .*\npay: 1 call, 1 failed, p50 -, p95 -, 0 tokens, \$0$/,
      );
    });

    it('show a trace, its steps, and one of them part by part', async () => {
      const { text } = await ask(client, 'get_trace', { trace: id(2) });
      expect(text)
        .to.include('1. ├─ search TOOL')
        .and.include('2. ├─ pay TOOL open  ERROR no luck')
        .and.include('3. └─ generate LLM gpt-5.5');
      expect((await ask(client, 'get_trace', { trace: id(1) })).text).to.include('score quality = 0.9: fine');
      expect((await ask(client, 'list_steps', { trace: id(2), status: 'ERROR' })).text).to.match(
        /^1 of 3 steps .*\n2\. pay/,
      );
      for (const step of ['2', id(20), 'pay']) {
        expect((await ask(client, 'get_step', { trace: id(2), step })).text).to.include('error: no luck');
      }
      const part = await ask(client, 'get_step', { trace: id(1), step: 'generate' });
      const [, from = ''] = /Give from_char (\d+)\.$/.exec(part.text) ?? [];
      const next = await ask(client, 'get_step', { trace: id(1), step: 'generate', from_char: Number(from) });
      expect(next.text).to.match(/^x+\n… \d+ more characters\. Give from_char \d+\.$/);
      const last = await ask(client, 'get_step', { trace: id(1), step: 'generate', from_char: 2 * Number(from) });
      expect(last.text).to.include('"key":"value"').and.not.include('Give from_char');
    });

    it('limit their answers, and say how to get the rest', async () => {
      const first = await ask(client, 'get_trace', { trace: id(3) });
      const [, left = ''] = /… (\d+) more lines\. Give from_step\.$/.exec(first.text) ?? [];
      const rest = await ask(client, 'get_trace', { trace: id(3), from_step: 400 - Number(left) + 1 });
      expect(rest.text.split('\n').at(4)).to.match(new RegExp(`^${400 - Number(left) + 1}\\. `));
    });

    it('list sessions and their traces, and add up', async () => {
      expect((await ask(client, 'list_sessions', { query: 's', since: '9999d' })).text).to.match(
        /^1 of 1 sessions .*\ns {2}from /,
      );
      const { text } = await ask(client, 'get_session', { session: 's' });
      expect(text).to.match(/^2 of 2 traces of session s\n.*good.*\n {2}input: in\n {2}output: out\n.*bad/);
      const stats = await ask(client, 'get_stats', { after: '2026-03-01', before: '2026-04-01', by: 'week' });
      expect(stats.text)
        .to.match(/3 traces, 1 error/)
        .and.match(/model gpt-5\.5: 1 call,/);
    });

    it('compare two runs', async () => {
      const { text } = await ask(client, 'compare_runs', { first: id(1), second: id(2) });
      expect(text).to.include('input: the same: in').and.include('output: [-out-]{+other+}');
      expect(text).to.include('  (1 equal step)\n+ pay TOOL open  ERROR no luck\n~ generate LLM gpt-5.4');
      expect(text).to.include('→  model gpt-5.5');
      const alone = await ask(client, 'compare_runs', { second: id(2) });
      expect([alone.isError, alone.text]).to.deep.equal([
        true,
        `There is no run bad before ${id(2)} in project spec: name the other run.`,
      ]);
    });

    it('answer wrong arguments with the expected form', async () => {
      for (const [name, given, expected] of [
        ['list_traces', { status: 'DONE' }, 'status: expected one of PENDING, RUNNING, COMPLETED, ERROR, got "DONE"'],
        ['list_traces', { limit: 51 }, 'limit: expected a whole number from 1 to 50, got 51'],
        ['list_traces', { tag: 'x' }, 'tag: expected an array of texts, got "x"'],
        ['list_traces', { since: 'today' }, 'since expects a number with s, m, h, d or w, such as 30m, got "today"'],
        ['list_traces', { filter: 'cost:much' }, 'filter expects words of the search (cost:much should be a number'],
        ['find_steps', { filter: 'kind:llm', kind: 'TOOL' }, 'filter expects no kind: beside kind'],
        ['find_steps', { sort: 'size' }, 'sort: expected one of started_at, duration'],
        ['add_up_steps', {}, 'by: expected one of tool, model, release, environment, got nothing'],
        ['compare_runs', { first: id(1) }, 'second: expected a text, got nothing'],
        ['list_traces', { projekt: 'x' }, 'projekt: expected one of project, '],
        ['list_traces', { project: 'spex' }, 'There is no project spex. Did you mean spec?'],
        ['get_trace', { trace: id(404) }, `There is no trace ${id(404)}`],
        ['get_step', { trace: id(1) }, 'step: expected a text, got nothing'],
        [
          'get_step',
          { trace: id(1), step: '9' },
          'step expects a number from 1 to 2, a span id or a name of this trace, got "9"',
        ],
        ['get_session', { session: 'none' }, 'There is no session none'],
      ] as const) {
        const answer = await ask(client, name, given);
        expect([answer.isError, answer.text.includes(expected)], answer.text).to.deep.equal([true, true]);
      }
      expect(
        (await ask(client, 'no_such_tool').catch((error: Error) => ({ text: error.message, isError: true }))).isError,
      ).to.equal(true);
    });
  });

  it('works with the platform by key, and reads no more of 100,000 traces than it says', async () => {
    let read = 0;
    await using platform = await startAnswering(({ path, query, headers }) => {
      if (!path.startsWith('/traces')) return { status: 404, body: { detail: 'Not Found' } };
      if (headers['x-api-key'] !== 'sk_pp_mine' || headers['x-project-name'] !== 'support') return { status: 401 };
      if (path === '/traces') {
        const offset = Number(query.get('offset'));
        const items = Array.from({ length: Number(query.get('limit')) }, (_, n) => ({
          ...listed,
          trace_id: id(offset + n),
        }));
        return { body: { items, total: 100_000, limit: items.length, offset } };
      }
      read += 1;
      return {
        body: { ...listed, trace_id: path.slice('/traces/'.length), input: 'z'.repeat(1000), output: null, spans: [] },
      };
    });
    const given = {
      PANDAPROBE_ENDPOINT: platform.url,
      PANDAPROBE_API_KEY: 'sk_pp_mine',
      PANDAPROBE_PROJECT_NAME: 'support',
    };
    const client = await connect('server', given);
    expect((await ask(client, 'list_traces', { limit: 50 })).text).to.include('100,000 in all.');
    const { text } = await ask(client, 'list_traces', { text: 'nowhere' });
    expect(text).to.equal('0 traces of project support, from 0 on; 100,000 in all, of which 1,000 were looked into.');
    expect(read).to.equal(1000);
    const none = '0 steps of project support, from 0 on; 0 in all, in the newest 1,000 of 100,000 traces.';
    expect((await ask(client, 'find_steps', { kind: 'TOOL' })).text).to.equal(none);
    expect((await ask(client, 'list_traces', { sort: 'tokens' })).text).to.include('sort tokens needs a local server');
    expect((await ask(client, 'list_projects')).text).to.include('only a local server lists its projects');
    await client.close();
  });

  it("answers the same with a server that has only the platform's calls", async () => {
    await using platform = await likePlatform(running.server.url);
    const where = { PANDAPROBE_API_KEY: 'sk_pp_mine', PANDAPROBE_PROJECT_NAME: 'spec' };
    const local = await connect('server', { ...env, ...where });
    const other = await connect('server', { ...where, PANDAPROBE_ENDPOINT: platform.url });
    // Also when something below fails: the programs at the other end would keep the specs from ending.
    await using _ = { [Symbol.asyncDispose]: async () => void (await Promise.all([local.close(), other.close()])) };
    for (const [name, given] of [
      ['list_traces', {}],
      ['list_traces', { status: 'ERROR', sort: 'duration', order: 'asc' }],
      ['list_traces', { filter: 'kind:tool error:luck' }],
      ['list_traces', { text: 'refund', model: 'gpt-5.5' }],
      ['get_trace', { trace: id(2) }],
      ['list_steps', { trace: id(2), kind: 'TOOL' }],
      ['find_steps', { kind: 'LLM', sort: 'name' }],
      ['add_up_steps', { by: 'tool' }],
      ['get_step', { trace: id(2), step: 'pay' }],
      ['list_sessions', { query: 's' }],
      ['get_session', { session: 's' }],
      ['get_stats', { after: '2026-03-01', before: '2026-04-01' }],
      ['compare_runs', { first: id(1), second: id(2) }],
    ] as const) {
      const [one, two] = [await ask(local, name, given), await ask(other, name, given)];
      expect(one.isError, one.text).to.equal(false);
      // How many there are in all is not known there, but how many were looked into.
      const sure = ({ text }: { text: string }) => text.replace(/; .* in all.*\.$|, in the newest .* traces/m, '');
      expect(sure(two), name).to.equal(sure(one));
    }
    expect(platform.asked.some((path) => path.startsWith('/traces?'))).to.equal(true);
  });

  it('says how to install the SDK if it is missing, and ends with its input', async () => {
    const program = (sdk: string) => [join(work, sdk, 'node_modules/pandaprobe-ts/dist/esm/cli.js'), 'mcp'];
    const none = await run(process.execPath, program('none'), work);
    expect([none.code, none.stdout]).to.deep.equal([1, '']);
    expect(none.stderr).to.equal(
      'pandaprobe-ts: mcp needs the official SDK beside it: npx -y -p pandaprobe-ts -p @modelcontextprotocol/server pandaprobe-ts mcp\n',
    );
    const { spawn } = await import('node:child_process');
    const child = spawn(
      process.execPath,
      [...program('server'), '--endpoint', 'http://127.0.0.1:1', '--key', 'k', '--project', 'p'],
      { stdio: 'pipe' },
    );
    child.stdin.end();
    expect(await new Promise((resolve) => child.once('close', resolve))).to.equal(0);
  });
});

const listed = {
  ...{ name: 't', status: 'COMPLETED', started_at: '2026-11-01T00:00:00+00:00', ended_at: null, session_id: null },
  ...{ user_id: null, tags: [], environment: null, release: null, latency_ms: null, span_count: 0 },
  ...{ total_tokens: 0, total_cost: 0 },
};
