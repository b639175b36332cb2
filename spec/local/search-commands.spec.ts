import { expect } from 'chai';
import type { CommandEnvironment } from '../../lib/local/environment.js';
import { startAnswering } from '../platform/answers.js';
import { type Ended, endOf, id, type Running, runCli, spawnCli, startRunning } from '../support/local-server.js';
import { type LikePlatform, likePlatform } from './like-platform.js';
import { putRuns } from './put-runs.js';
import { runHere } from './run-here.js';
import { UsedOptions } from './used-options.js';

const used = new UsedOptions();
const lines = (text: string) => text.split('\n').filter((line) => line !== '');
const names = ({ out }: Ended) =>
  lines(out)
    .map((line) => (JSON.parse(line) as { name: string }).name)
    .join(' ');

describe('Commands that search', () => {
  let running: Running;
  let platform: LikePlatform;

  /** Runs the built program. */
  function cli(args: string, input?: string): Promise<Ended> {
    used.note(args);
    return runCli(args.split(' '), input, { PANDAPROBE_ENDPOINT: running.server.url, PANDAPROBE_PROJECT_NAME: 'spec' });
  }

  /** The same without a process of its own. */
  function here(args: string, environment: Partial<CommandEnvironment> = {}): Promise<Ended> {
    used.note(args);
    return runHere(args, { endpoint: running.server.url, project: 'spec', ...environment });
  }

  before(async () => {
    running = await startRunning();
    platform = await likePlatform(running.server.url);
    await putRuns(running);
  });
  after(async () => {
    await platform?.[Symbol.asyncDispose]();
    await running?.[Symbol.asyncDispose]();
  });

  describe('steps', () => {
    for (const [options, found] of [
      ['', 'answer retry "now" answer look_up look_up'],
      ['--kind tool', 'retry "now" look_up look_up'],
      ['--status ERROR', 'look_up'],
      ['--model GPT-5*', 'answer answer'],
      ['--model gpt-5.5', 'answer'],
      ['--name RETRY', 'retry "now"'],
      ['--name "NOW', 'retry "now"'],
      ['--name lo*_up', 'look_up look_up'],
      ['--release 1.0 --env PROD', 'answer look_up'],
      ['--tag vip --kind LLM', 'answer'],
      ['--tag vip --tag none', ''],
      ['--text timeout', 'answer retry "now" look_up'],
      ['--session s-1 --user ana --limit 1', 'answer'],
      ['--filter kind:llm', 'answer answer'],
      ['--filter duration:>2s', 'answer'],
      ['--filter tokens:<=50', 'answer retry "now" look_up look_up'],
      ['--filter cost:>0.1', 'answer'],
      ['--filter error:TIMEOUT', 'look_up'],
      ['--filter kind:tool --status OK', 'retry "now" look_up'],
      ['--sort duration --limit 2', 'answer look_up'],
      ['--sort tokens --order asc --offset 3', 'answer answer'],
      ['--sort cost --limit 1 --kind LLM', 'answer'],
      ['--sort name --order asc --limit 1', 'answer'],
      ['--before 2000-01-01', ''],
      ['--after 2026-03-29 --before 2026-03-30 --kind LLM', 'answer answer'],
    ] as const) {
      it(`lists, for ${options || 'nothing'}: ${found || 'nothing'}, even if the server cannot search`, async () => {
        const args = `steps ${options} --json`.replace('  ', ' ');
        const local = await here(args);
        expect([local.code, names(local)], local.err).to.deep.equal([0, found]);
        const other = await here(args, { endpoint: platform.url });
        expect([other.code, names(other)], other.err).to.deep.equal([0, found]);
      });
    }

    it('prints the origin, duration and error of each step', async () => {
      const { out, err } = await cli('steps --status ERROR');
      expect(out).to.match(/^trace +started +status +kind +duration +tokens +cost +step\n/);
      expect(out).to.match(new RegExp(`^${id(2)} .* ERROR +TOOL +2\\.0 s +0 +look_up +in support +timeout$`, 'm'));
      expect(err).to.equal('1 of 1 steps of project spec\n');
      const [first] = lines((await cli(`steps --kind LLM --json --since 9999d --key k --project spec`)).out);
      expect(JSON.parse(first ?? '')).to.deep.include({
        ...{ span_id: id(23), trace_id: id(2), trace_name: 'support', kind: 'LLM', model: 'gpt-5.5', status: 'OK' },
        ...{ latency_ms: 1000, total_tokens: 50, total_cost: 0.25, error: null },
      });
    });

    it('adds up tools, models, releases and environments, even if the server cannot', async () => {
      const wanted = {
        'tool --sort failures': ['look_up 2 1 1500', 'retry "now" 1 0 1000'],
        'tool --sort p95 --order asc --limit 1': ['retry "now" 1 0 1000'],
        'model --sort cost': ['gpt-5.5 1 0 1000', 'gpt-5.4 1 0 3000'],
        'release --sort name --order asc': ['1.0 1 0 5000', '1.1 2 1 5000'],
        'environment --filter tag:vip': ['staging 1 1 5000'],
        'tool --name look': ['look_up 2 1 1500'],
      };
      for (const [options, found] of Object.entries(wanted)) {
        for (const endpoint of [running.server.url, platform.url]) {
          const { out, err } = await here(`steps --json --by ${options}`, { endpoint });
          const groups = lines(out).map((line) => {
            const { name, call_count: calls, failure_count: failed, p50_latency_ms: p50 } = JSON.parse(line);
            return `${name} ${calls} ${failed} ${p50}`;
          });
          expect(groups, `${options} at ${endpoint}: ${err}`).to.deep.equal(found);
        }
      }
      const { out, err } = await cli(`steps --by tool --endpoint ${running.server.url}`);
      expect(out).to.match(/^tool +calls +failed +p50 +p95 +tokens +cost\n/);
      expect(out).to.match(/^look_up +2 +50\.0 % \(1\) +1\.5 s +1\.9 s +0$/m);
      expect(err).to.equal('2 tools of project spec\n');
    });

    it('says how many traces were read of a server that cannot search', async () => {
      const { err } = await here('steps --kind LLM', { endpoint: platform.url });
      expect(err).to.equal('2 of 2 steps of project spec, in the newest 3 of 3 traces\n');
    });
  });

  describe('list', () => {
    for (const [options, found] of [
      ['--filter timeout', 'support'],
      ['--filter tokens:>=100', 'support'],
      ['--filter spans:<1', 'index'],
      ['--filter status:ok', 'index support'],
      ['--filter duration:>4s --kind LLM', ''],
      ['--filter kind:tool --model gpt-5.5', ''],
      ['--model gpt-5.*', 'support support'],
      ['--env *ing', 'support'],
      ['--release 1.1', 'index support'],
      ['--text LOST', 'support'],
    ] as const) {
      it(`finds, for ${options}: ${found || 'nothing'}, even if the server cannot search`, async () => {
        for (const endpoint of [running.server.url, platform.url]) {
          const ended = await here(`list ${options} --json`, { endpoint });
          expect([ended.code, names(ended)], ended.err).to.deep.equal([0, found]);
        }
      });
    }

    it('says how much a busy server has not searched yet, and deletes nothing by an incomplete search', async () => {
      const sums = { session_id: null, user_id: null, latency_ms: 1, span_count: 0, total_tokens: 0, total_cost: 0 };
      const listed = {
        ...sums,
        trace_id: id(1),
        name: 'known',
        status: 'COMPLETED',
        started_at: '2026-03-29T10:00:00Z',
        tags: [],
      };
      const asked: string[] = [];
      await using busy = await startAnswering(({ path }) => {
        asked.push(path);
        if (path === '/local/projects') return { body: { items: [{ name: 'spec' }] } };
        if (path === '/local/traces') return { body: { items: [listed], total: 1, indexing: 7 } };
        if (path === '/local/steps') return { body: { items: [], total: 0, indexing: 7 } };
        if (path === '/traces') return { body: { items: [listed], total: 1 } };
        return { body: { ...listed, spans: [] } };
      });
      const [list, steps] = await Promise.all(
        ['list --sort tokens', 'steps --kind LLM'].map((args) => here(args, { endpoint: busy.url })),
      );
      expect(list?.err).to.equal('1 of 1 traces of project spec (still to be searched: 7 traces)\n');
      expect(steps?.err).to.equal('0 of 0 steps of project spec (still to be searched: 7 traces)\n');
      expect(asked).not.to.include(`/traces/${id(1)}`);
      const { err } = await here('delete --filter kind:llm', { endpoint: busy.url });
      expect(err).to.equal('0 traces of project spec deleted\n');
      expect(asked).to.include(`/traces/${id(1)}`);
    });

    it('refuses an order that the server does not support', async () => {
      const quoted = await here('list --sort cost --model a"b');
      expect(quoted.err).to.include('--sort cost goes with no quote and no star in the other options');
      const { code, err } = await here('list --sort tokens', { endpoint: platform.url });
      expect([code, err]).to.deep.equal([
        2,
        `pandaprobe-ts: --sort tokens needs a local server, which ${platform.url} is not\n`,
      ]);
    });
  });

  for (const [args, expected] of [
    ['steps --sort calls', '--sort expects one of started_at, duration, latency, tokens, cost, name, got "calls"'],
    ['steps --by tool --sort latency', '--sort expects one of calls, failures, p50'],
    ['steps --by user', '--by expects one of tool, model, release, environment, got "user"'],
    ['steps --status COMPLETED', '--status expects one of UNSET, OK, ERROR'],
    ['steps --kind robot', '--kind expects one of AGENT'],
    ['steps --limit 0', '--limit expects a whole number from 1 to 200'],
    ['steps --filter name:a --name b', '--filter expects no name: beside --name'],
    ['steps --filter duration:x', '--filter expects words of the search'],
    ['steps --since x', '--since'],
    ['steps --modell x', 'steps has no option --modell. Did you mean --model?'],
  ] as const) {
    it(`refuses ${args.slice(0, 60)} and says what was expected`, async () => {
      const { code, out, err } = await here(args);
      expect([code, out], err).to.deep.equal([2, '']);
      expect(err)
        .to.match(/^pandaprobe-ts: [^\n]+\n$/)
        .and.include(expected);
    });
  }

  it('exits with 130 at Ctrl+C while a server does not answer', async () => {
    let asked = () => {};
    await using silent = await startAnswering(() => {
      asked();
      return 'hang';
    });
    for (const args of ['steps', 'compare', 'list --filter x', 'session s', 'score - a 1']) {
      const isAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const child = spawnCli([...args.split(' '), '--json', '--endpoint', silent.url]);
      const ended = endOf(child);
      child.stdin?.end('');
      await isAsked;
      child.kill('SIGINT');
      const { code, out, err } = await ended;
      expect([code, out, JSON.parse(err).ending], args).to.deep.equal([130, '', 'interrupted']);
    }
  });

  // The last, because what stands outside of a describe runs first.
  describe('all together', () => {
    it('have used every option of steps', () => {
      expect(used.missing((name) => name === 'steps')).to.deep.equal([]);
    });
  });
});
