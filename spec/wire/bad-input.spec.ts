import { expect } from 'chai';
import {
  type Client,
  flush,
  init,
  type Options,
  SettingsError,
  type SpanKind,
  shutdown,
  span,
  spanFunction,
  trace,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import { runCode, variables } from '../client/programs.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { listenToStderr } from '../support/stderr.js';

describe('P26 Bad input', () => {
  let receiver: Receiver;
  let said: ReturnType<typeof listenToStderr>;
  let options: Options;
  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
    said = listenToStderr();
    options = { apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url, worker: 'inline' };
    init(options);
  });
  afterEach(async () => {
    await shutdown();
    said.restore();
    await receiver.close();
  });

  /** Sends what was recorded and gives the trees that arrived, all of them fit to be stored. */
  async function arrived(): Promise<string[]> {
    expect(await flush()).to.include({ ok: true, failed: 0, dropped: 0, pending: 0 });
    expect(receiver.problems).to.deep.equal([]);
    return receiver.traces.map(treeOf);
  }

  describe('a name', () => {
    const cases: Record<string, readonly [name: unknown, fault: string | undefined, repaired: string]> = {
      'that is empty': ['', 'empty', ''],
      'of spaces': [' \t ', 'empty', ''],
      'of null characters': ['\u0000', 'empty', ''],
      'of 10,000 characters': ['n'.repeat(10_000), 'too long', 'n'.repeat(512)],
      'of 10,000 characters outside the basic plane': ['😀'.repeat(10_000), 'too long', '😀'.repeat(512)],
      'that is no text': [undefined, 'not a string', ''],
      'with half a character': ['a\ud83d', undefined, 'a'],
    };
    for (const [what, [name, fault, repaired]] of Object.entries(cases)) {
      const how = fault === undefined ? '' : ' with one warning';
      const warnings = (of: string) =>
        fault === undefined
          ? []
          : [
              `[pandaprobe] warning: expected the name of a ${of} with 1 to 512 characters, got one that is ${fault}; it is repaired`,
            ];
      it(`P26 ${what} of a span is repaired${how}, and nothing is lost`, async () => {
        withTrace('agent', { input: { messages: [{ role: 'user', content: 'hi' }] } }, () => {
          withSpan(name as string, { kind: 'TOOL' }, (s) => {
            s.setInput({ query: 'pandas' }).setOutput(['found']);
            withSpan('inner', () => {});
          });
          withSpan(name as string, () => {});
        });
        const shown = repaired === '' ? 'span' : repaired;
        expect(await arrived()).to.deep.equal([`agent(${shown}(inner), ${shown})`]);
        expect(receiver.trace('agent').spans.find(({ kind }) => kind === 'TOOL')).to.deep.include({
          name: shown,
          input: { query: 'pandas' },
          output: ['found'],
          status: 'OK',
        });
        expect(said.lines).to.deep.equal(warnings('span'));
      });

      it(`P26 ${what} of a trace is repaired${how}, and nothing is lost`, async () => {
        withTrace(name as string, { tags: ['a'] }, () => withSpan('step', () => {}));
        const shown = repaired === '' ? 'trace' : repaired;
        expect(await arrived()).to.deep.equal([`${shown}(step)`]);
        expect(receiver.trace(shown).tags).to.deep.equal(['a']);
        expect(said.lines).to.deep.equal(warnings('trace'));
      });
    }
  });

  describe('a kind that does not exist', () => {
    for (const kind of ['MODEL', 'llm', '', 'toString', 7, null, {}]) {
      it(`P26 such as ${JSON.stringify(kind)} becomes OTHER${kind === null ? '' : ' with one warning'}, and nothing is lost`, async () => {
        const given = kind as SpanKind;
        withTrace('agent', (t) => {
          withSpan('body', { kind: given, model: 'm' }, () => {});
          t.span('handle', { kind: given }).end();
          spanFunction(() => 1, { name: 'wrapped', kind: given })();
        });
        expect(await arrived()).to.deep.equal(['agent(body, handle, wrapped)']);
        expect(receiver.trace('agent').spans.map((one) => one.kind)).to.deep.equal(['OTHER', 'OTHER', 'OTHER']);
        expect(receiver.trace('agent').spans[0]?.model).to.equal('m');
        const warnings = said.lines.filter((line) => line.includes('expected a span kind'));
        expect(warnings).to.have.length(kind === null ? 0 : 1);
        expect(said.lines).to.have.length(warnings.length);
      });
    }
  });

  describe('a decorator in the wrong place', () => {
    const wrong: Record<string, () => unknown> = {
      'on a field': () =>
        class {
          // @ts-expect-error: not a method
          @span field = 1;
        },
      'with options on a field': () =>
        class {
          // @ts-expect-error: not a method
          @trace({ name: 'agent' }) field = () => 1;
        },
      'on a getter': () =>
        class {
          // @ts-expect-error: not a method
          @span get value() {
            return 1;
          }
        },
      'on a setter': () =>
        class {
          // @ts-expect-error: not a method
          @trace set value(_: number) {}
        },
      'on a field of the older dialect': () =>
        (span as unknown as (...args: unknown[]) => void)({}, 'field', undefined),
    };
    for (const [where, define] of Object.entries(wrong)) {
      it(`P26 ${where} throws a TypeError that says so, and running spans are still recorded`, async () => {
        await withTrace('agent', async () => {
          expect(define)
            .to.throw(TypeError, /^@(span|trace): expected a method to decorate, got a (field|getter|setter)/)
            .that.includes({ code: 'ERR_USAGE' });
          withSpan('after', () => {});
        });
        expect(await arrived()).to.deep.equal(['agent(after)']);
        expect(said.lines).to.deep.equal([]);
      });
    }
  });

  describe('an option that init() refuses', () => {
    const wrong: Record<string, readonly [given: Options, option: string]> = {
      'of the wrong type': [{ batchSize: '10' as unknown as number }, 'batchSize'],
      'out of its range': [{ sampleRate: 2 }, 'sampleRate'],
      misspelt: [{ sample_rate: 0.5 } as Options, 'sample_rate'],
      'a project name the backend would refuse': [{ projectName: 'support/agents' }, 'projectName'],
      'a project name that ends with a space': [{ projectName: 'support ' }, 'projectName'],
      'an endpoint without a scheme': [{ endpoint: 'backend:8000' }, 'endpoint'],
    };
    for (const [what, [given, option]] of Object.entries(wrong)) {
      it(`P26 ${what} throws ERR_SETTINGS, and the earlier client goes on`, async () => {
        withTrace('before', () => {});
        expect(() => init({ ...options, ...given }))
          .to.throw(SettingsError)
          .that.includes({ code: 'ERR_SETTINGS', option });
        withTrace('after', () => {});
        expect(await arrived()).to.deep.equal(['before', 'after']);
      });
    }
  });

  describe('a variable that is wrong', () => {
    for (const [variable, value] of Object.entries({
      PANDAPROBE_BATCH_SIZE: 'many',
      PANDAPROBE_FLUSH_INTERVAL: '-1',
      PANDAPROBE_MAX_VALUE_BYTES: '1MB',
      PANDAPROBE_WORKER: 'process',
      PANDAPROBE_EXIT_TIMEOUT: 'long',
      PANDAPROBE_RELEASE: 'r'.repeat(300),
    })) {
      it(`P26 such as ${variable} is ignored with one line, and nothing is lost`, async () => {
        const code = `
          import { withSpan, withTrace } from 'pandaprobe-ts';
          for (const name of ['one', 'two']) withTrace(name, () => withSpan('step', () => {}));`;
        const { code: status, stderr } = await runCode(code, { ...variables(receiver.url), [variable]: value });
        expect(status).to.equal(0);
        expect(stderr).to.match(new RegExp(`^\\[pandaprobe\\] warning: ${variable}: expected .+; it is ignored\\n$`));
        expect(receiver.problems).to.deep.equal([]);
        expect(receiver.traces.map(treeOf)).to.deep.equal(['one(step)', 'two(step)']);
      });
    }

    it('P26 P34 records nothing with a project name that the backend would refuse, and says why', async () => {
      const code = "import { withTrace } from 'pandaprobe-ts'; console.log(withTrace('t', () => 'through'));";
      const env = { ...variables(receiver.url), PANDAPROBE_PROJECT_NAME: 'support/agents' };
      const { code: status, stdout, stderr } = await runCode(code, env);
      expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'through\n' });
      expect(stderr).to.match(
        /^\[pandaprobe\] error: PANDAPROBE_PROJECT_NAME: expected a project name .+; nothing is recorded until .+\n$/,
      );
      expect(receiver.requests).to.have.length(0);
    });
  });

  describe('the lists of an unusual trace', () => {
    it('P26 arrive whole with more spans than a request may have', async () => {
      const client: Client = init(options);
      client.trace('long').run((t) => {
        for (let i = 0; i < 1203; i += 1) t.withSpan(`s${i}`, () => {});
      });
      await arrived();
      expect(receiver.trace('long').spans).to.have.length(1203);
      expect(receiver.count('POST /traces')).to.equal(1);
      expect(receiver.count('POST /traces/{trace_id}/spans')).to.equal(2);
    });
  });
});
