import { expect } from 'chai';
import { type Ended, id, known, type Running, runCli, span, startRunning, trace } from '../support/local-server.js';
import { putRuns } from './put-runs.js';
import { runHere } from './run-here.js';
import { judging, UsedOptions } from './used-options.js';

const used = new UsedOptions();
const lines = (text: string) => text.split('\n').filter((line) => line !== '');

describe('Commands that compare and judge', () => {
  let running: Running;

  /** Runs the built program. */
  function cli(args: string, input?: string): Promise<Ended> {
    used.note(args);
    return runCli(args.split(' '), input, { PANDAPROBE_ENDPOINT: running.server.url, PANDAPROBE_PROJECT_NAME: 'spec' });
  }

  /** The same without a process of its own. */
  function here(args: string): Promise<Ended> {
    used.note(args);
    return runHere(args, { endpoint: running.server.url, project: 'spec' });
  }

  before(async () => {
    running = await startRunning();
    await putRuns(running);
  });
  after(() => running?.[Symbol.asyncDispose]());
  const put = (body: object) => running.call('POST', '/traces', body, known);

  for (const [args, expected] of [
    ['score', 'score expects a trace, a name and a value, got no trace'],
    [`score ${id(1)} good`, 'got no value'],
    [`score ${id(1)} good 5`, 'NUMERIC score must be between 0 and 1'],
    [`score ${id(1)} good maybe --type boolean`, 'BOOLEAN score must be'],
    [`score ${id(1)} good 1 --type stars`, '--type expects one of NUMERIC, BOOLEAN, CATEGORICAL'],
    [`score ${id(1)} good 1 --source me`, '--source expects one of'],
    [`score ${id(1)} ${'x'.repeat(256)} 1`, 'at most 255 characters'],
    ['score - good 1 2', 'unexpected argument 2'],
    ['session', 'session expects the id of a session, got nothing'],
    ['session s-1 --limit 201', '--limit'],
    ['compare a b c', 'unexpected argument c'],
    ['delete --all --yes', '--all expects the project'],
    ['delete --all --name x --project spec', 'not both'],
  ] as const) {
    it(`refuses ${args.slice(0, 60)} and says what was expected`, async () => {
      const { code, out, err } = await here(args);
      expect([code, out], err).to.deep.equal([2, '']);
      expect(err)
        .to.match(/^pandaprobe-ts: [^\n]+\n$/)
        .and.include(expected);
    });
  }

  describe('compare', () => {
    const pair = `compare ${id(1)} ${id(2)}`;

    it('shows what differs between two runs, step by step', async () => {
      const { code, out } = await cli(`${pair} --key k --project spec --endpoint ${running.server.url}`);
      expect(code).to.equal(0);
      const [first, second, change, ...rest] = lines(out);
      expect(first).to.match(/^first: {2}support 5\.0 s .*0001$/);
      expect(second).to.match(/^second: support 5\.0 s .*ERROR/);
      expect(change).to.equal('change: steps 2 → 3 (+50 %), tokens 100 → 50 (-50 %), cost $0 → $0.25');
      expect(rest).to.deep.equal([
        'input: the same: where is it?',
        'output: {+it is lost+}',
        'steps: - only in the first, + only in the second, ~ in both, differently; texts: [-first-] {+second+}',
        '~ look_up TOOL 1.0 s  →  ERROR timeout\\u000aafter 1 s; duration 1.0 s → 2.0 s (+100 %)',
        '    input:',
        '      [-{-]',
        '      [-  "order": "A-1"-]',
        '      [-}-]',
        '    output: [-shipped-]',
        '+ retry "now" TOOL 1.0 s',
        '~ answer LLM gpt-5.4 3.0 s  100 tokens  →  model gpt-5.5; tokens 100 → 50 (-50 %); cost $0 → $0.25; duration 3.0 s → 1.0 s (-67 %)',
      ]);
    });

    it('compares with the previous run of the same name if one run or none is named', async () => {
      const named = await cli(`compare ${id(2)} --json`);
      const { first, second, steps } = JSON.parse(named.out);
      expect([first.trace_id, second.trace_id]).to.deep.equal([id(1), id(2)]);
      expect(first).to.include({ latency_ms: 5000, span_count: 2, total_tokens: 100, input: 'where is it?' });
      expect(
        steps.map(({ change, differs, depth }: Record<string, unknown>) => [change, differs, depth]),
      ).to.deep.equal([
        ['changed', ['status', 'error', 'input', 'output'], 0],
        ['added', [], 0],
        ['changed', ['model', 'tokens', 'cost'], 0],
      ]);
      expect(steps[1]).to.deep.include({ first: null });
      expect(steps[1].second).to.include({ name: 'retry "now"', latency_ms: 1000 });
      const none = await here('compare');
      expect([none.code, none.err]).to.deep.equal([
        8,
        `pandaprobe-ts: There is no run index before ${id(3)} in project spec: name the other run.\n`,
      ]);
    });

    it('marks the differing parts of a text, and shortens the others', async () => {
      const said = (content: string) => ({ messages: [{ role: 'user', content }] });
      const long = 'he went on about the weather '.repeat(20);
      const put = (n: number, input: unknown) =>
        running.call('POST', '/traces', trace(n, { name: 'diff', input }), known);
      const difference = async (one: unknown, other: unknown) => {
        await put(40, one);
        await put(41, other);
        const { out } = await here(`compare ${id(40)} ${id(41)}`);
        return lines(out).filter((line) => !/^(?:first|second|output|steps):/.test(line));
      };
      // Words that changed one after the other are one change; the lines around stay.
      expect(await difference(said('Where is my order?'), said('Where was your parcel?'))).to.deep.equal([
        'input:',
        '  user:',
        '  Where [-is my order-]{+was your parcel+}?',
      ]);
      const [line = ''] = await difference(`${long}red${long}`, `${long}green${long}`);
      expect(line.length).to.be.below(250);
      expect(line).to.match(/^input: {2}⋯ .*the weather \[-redhe-\]\{\+greenhe\+\} went on .* ⋯ $/);
      // What reads alike is told apart, and nothing of a text moves the cursor.
      expect(await difference('1', 1)).to.deep.equal(['input: [-"-]1[-"-]']);
      expect(await difference('a', '\u001b[2Jb')).to.deep.equal(['input: {+\\u001b[2Jb+}'.replace('{+', '[-a-]{+')]);
      // Many changes are not looked for: one text, then the other, each as far as there is room.
      const words = (from: number) => Array.from({ length: 1000 }, (_, n) => from + n).join(' ');
      const [head, removed, added] = await difference(words(10_000), words(20_000));
      expect(head).to.equal('input:');
      expect(removed).to.match(/^ {2}\[-10000 10001 .{900,1000} \(\d+ more characters\)-\]$/);
      expect(added).to.match(/^ {2}\{\+20000 20001 .{900,1100} \(\d+ more characters\)\+\}$/);
    });

    it('counts steps that are the same, or shows them with --all', async () => {
      const same = `compare ${id(1)} ${id(1)}`;
      expect(lines((await here(same)).out).at(-1)).to.equal('  (2 equal steps)');
      expect(lines((await here(`${same} --all`)).out).slice(-2)).to.deep.equal([
        '  look_up TOOL 1.0 s',
        '  answer LLM gpt-5.4 3.0 s  100 tokens',
      ]);
    });

    it('pairs steps under the same parent, however many there are', async () => {
      const numbers = Array.from({ length: 2400 }, (_, n) => n);
      const putTree = async (n: number, from: number, isLeftOut: (n: number) => boolean) => {
        const below = { parent_span_id: id(from + 1) };
        const spans = [
          span(from, { name: 'plan' }),
          span(from + 1, { name: 'act' }),
          ...numbers
            .filter((each) => !isLeftOut(each))
            .map((each) => span(from + 10 + each, { name: `s-${each}`, ...below })),
        ];
        await put(trace(n));
        for (let at = 0; at < spans.length; at += 500) {
          await running.call('POST', `/traces/${id(n)}/spans`, spans.slice(at, at + 500));
        }
      };
      await putTree(50, 10_000, (n) => n % 7 === 1);
      await putTree(51, 20_000, (n) => n % 11 === 1);
      await put(trace(52, { spans: [span(521, { name: 'act' }), span(522, { name: 's-0' })] }));
      const changes = async (one: number, other: number) => {
        const { steps } = JSON.parse((await here(`compare ${id(one)} ${id(other)} --json`)).out);
        return (change: string) => steps.filter((step: { change: string }) => step.change === change).length;
      };
      const wide = await changes(50, 51);
      const [both, gone, come] = [
        numbers.filter((n) => n % 7 !== 1 && n % 11 !== 1).length + 2,
        numbers.filter((n) => n % 7 !== 1 && n % 11 === 1).length,
        numbers.filter((n) => n % 7 === 1 && n % 11 !== 1).length,
      ];
      expect([wide('same'), wide('removed'), wide('added')]).to.deep.equal([both, gone, come]);
      // A step of the same name under another parent is another step.
      const moved = await changes(52, 51);
      expect([moved('same'), moved('removed')]).to.deep.equal([1, 1]);
    });
  });

  describe('show and session', () => {
    it('shows one step with input and output: by number, span id or name', async () => {
      const wanted = 'look_up TOOL 1.0 s\ninput\n  {\n    "order": "A-1"\n  }\noutput\n  shipped\n';
      for (const step of ['1', '#1', id(11), 'look_up']) {
        expect((await here(`show ${id(1)} --step ${step}`)).out).to.equal(wanted);
      }
      expect(JSON.parse((await cli(`show ${id(2)} --step look_up --json`)).out)).to.include({ span_id: id(21) });
      const call = { messages: [{ role: 'user', content: "it's\n\u009b2J" }] };
      await put(trace(61, { spans: [span(611, { kind: 'LLM', name: 'say', model: 'claude-sonnet-5', input: call })] }));
      const curl = await cli(`show ${id(61)} --step say --as curl`);
      expect(curl.out)
        .to.match(/^curl https:\/\/api\.anthropic\.com\/v1\/messages -H "x-api-key: \$ANTHROPIC_API_KEY"/)
        .and.include(String.raw`"it'\''s\n\u009b2J"`);
      for (const [as, start] of [
        ['openai', "import OpenAI from 'openai';"],
        ['anthropic', "import Anthropic from '@anthropic-ai/sdk';"],
        ['AI-SDK', "import { anthropic } from '@ai-sdk/anthropic';"],
      ]) {
        expect((await here(`show ${id(61)} --step say --as ${as}`)).out).to.match(new RegExp(`^${start}\n`));
      }
      const { code } = JSON.parse((await here(`show ${id(61)} --step say --as curl --json`)).out);
      expect(code).to.equal(curl.out);
      for (const [args, fault] of [
        [`show ${id(61)} --as curl`, '--as expects --step with the model call it is to be made of.'],
        [`show ${id(61)} --step say --as python`, '--as expects one of curl, openai, anthropic, ai-sdk, got "python"'],
        [`show ${id(1)} --step look_up --as curl`, '--as expects a model call, got look_up, a step of kind TOOL.'],
        [`show ${id(1)} --step answer --as curl`, '--as cannot be used for answer: its input was not recorded.'],
      ] as const) {
        const refused = await here(args);
        expect([refused.code, refused.err]).to.deep.equal([2, `pandaprobe-ts: ${fault}\n`]);
      }
      const wrong = await here(`show ${id(1)} --step 3`);
      expect([wrong.code, wrong.err]).to.deep.equal([
        8,
        'pandaprobe-ts: --step expects a number from 1 to 2, a span id or a name of this trace, got "3"\n',
      ]);
    });

    it('lists the numbers of steps with the same name', async () => {
      await put(trace(60, { spans: [span(601, { name: 'a' }), span(602, { name: 'b' }), span(603, { name: 'a' })] }));
      const { code, err } = await here(`show ${id(60)} --step a`);
      expect([code, err]).to.deep.equal([
        2,
        'pandaprobe-ts: --step expects the number of one of the 2 steps of this name (1, 3), got "a"\n',
      ]);
    });

    it('shows a session as a conversation', async () => {
      const { out, err } = await cli(`session s-1 --key k --project spec --endpoint ${running.server.url}`);
      expect(out).to.match(
        /^\S+ \S+ {2}support .*\n→ where is it\?\n\n\S+ \S+ {2}support .*\n→ where is it\?\n← it is lost\n\n$/,
      );
      expect(err).to.equal('2 of 2 traces of session s-1, project spec\n');
      const part = await cli('session s-1 --limit 1 --offset 1 --json');
      expect(lines(part.out).map((line) => JSON.parse(line).trace_id)).to.deep.equal([id(2)]);
      expect((await here('session nobody')).code).to.equal(8);
    });
  });

  describe('score', () => {
    const scores = async (n: number) => (await running.call('GET', `/evaluations/trace-scores/${id(n)}`)).body;

    it('scores a trace with a number, a boolean or a word, with a note', async () => {
      const note = `score ${id(1)} quality 0.8 --reason fine --key k --project spec --endpoint ${running.server.url}`;
      const { code, out, err } = await cli(note);
      expect([code, out, err]).to.deep.equal([0, '', 'quality = 0.8: 1 trace of project spec scored\n']);
      await here(`score ${id(1)} helpful TRUE --source programmatic`);
      await here(`score ${id(1)} verdict PASS`);
      await here(`score ${id(1)} stars 5 --type categorical`);
      const found = (await scores(1)).map((each: Record<string, unknown>) =>
        [each.name, each.value, each.data_type, each.source, each.reason].join(' '),
      );
      expect(found).to.have.members([
        'quality 0.8 NUMERIC ANNOTATION fine',
        'helpful true BOOLEAN PROGRAMMATIC ',
        'verdict PASS CATEGORICAL ANNOTATION ',
        'stars 5 CATEGORICAL ANNOTATION ',
      ]);
    });

    it('scores all traces that another command has printed, and says which are missing', async () => {
      const { out } = await cli('list --name support --json');
      const scored = await cli('score - seen true --json', `${out}${id(404)}\n`);
      expect(lines(scored.out).map((line) => JSON.parse(line).trace_id)).to.have.members([id(1), id(2)]);
      expect(scored.code).to.equal(8);
      expect(JSON.parse(scored.err)).to.include({ error: '1 of 3 were not in project spec', exitCode: 8 });
      expect((await here(`score ${id(404)} seen true`)).code).to.equal(8);
      const wrong = await cli('score - seen true', 'no id\n');
      expect([wrong.code, wrong.err]).to.deep.equal([2, 'pandaprobe-ts: score expects whole ids, got "no id"\n']);
    });
  });

  it('deletes all of a project that is named', async () => {
    for (const n of [1, 2]) await running.call('POST', '/traces', trace(70 + n), { ...known, 'X-Project-Name': 'rid' });
    expect((await cli('delete --all --project rid')).err).to.include('2 traces would be deleted: say --yes to do it');
    expect(JSON.parse((await cli('delete --all --project rid --yes --json')).out)).to.include({ deleted: 2 });
  });

  // The last, because what stands outside of a describe runs first.
  describe('all together', () => {
    it('have used every option above', () => {
      expect(used.missing((name) => judging.includes(name))).to.deep.equal([]);
    });
  });
});
