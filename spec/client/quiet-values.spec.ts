import { expect } from 'chai';
import {
  getClient,
  init,
  logTrace,
  MemorySink,
  score,
  session,
  startTrace,
  traceFunction,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import { listenToStderr } from '../support/stderr.js';

const canary = 'CANARYsecret';
/** Throws what a getter of a user's may throw: with the value in its message, or as its name. */
function leak(): never {
  throw Object.assign(new Error(`cannot read ${canary}`), { name: canary });
}
function leakText(): never {
  throw canary;
}
/** Callers without types give anything. */
const any = (value: unknown): never => value as never;

const plants: Readonly<Record<string, () => unknown>> = {
  'the options of a span throw': () =>
    withTrace('t', () =>
      withSpan(
        's',
        any({
          get kind() {
            return leak();
          },
        }),
        () => 1,
      ),
    ),
  'the metadata of a span throws': () =>
    withTrace('t', () =>
      withSpan(
        's',
        any({
          get metadata() {
            return leak();
          },
        }),
        () => 1,
      ),
    ),
  'the options of a trace throw a text': () =>
    withTrace(
      't',
      any({
        get input() {
          return leakText();
        },
      }),
      () => 1,
    ),
  'an unknown kind': () => withTrace('t', () => withSpan('s', { kind: any(canary) }, () => 1)),
  'an unknown status': () => withTrace('t', (t) => t.setStatus(any(canary))),
  'tags that are a text': () => withTrace('t', { tags: any(canary) }, () => 1),
  'a model that is an object': () => withTrace('t', () => withSpan('s', { model: any({ [canary]: canary }) }, () => 1)),
  'a session that is a list': () => session(any([canary]), () => withTrace('t', () => 1)),
  'captureInput that throws': () => traceFunction(() => 1, { captureInput: leak })(),
  'captureOutput that throws a text': () => traceFunction(() => 1, { captureOutput: leakText })(),
  'token usage under its name': () =>
    withTrace('t', () => withSpan('s', (s) => s.setTokenUsage(any({ [canary]: canary, promptTokens: canary })))),
  'token usage that is a card number': () =>
    withTrace('t', () => withSpan('s', (s) => s.setTokenUsage({ promptTokens: 4111111111111111 }))),
  'cost that is a text': () =>
    withTrace('t', () => withSpan('s', (s) => s.setCost(any({ [canary]: canary, total: -4111111111111111 })))),
  'a time that is a text': () => withTrace('t', () => withSpan('s', (s) => s.setCompletionStartTime(any(canary)))),
  'a score of an unknown type': () => score('x', canary, canary, { dataType: any(canary) }),
  'a score whose options throw': () =>
    score(
      crypto.randomUUID(),
      'quality',
      1,
      any({
        get reason() {
          return leak();
        },
      }),
    ),
  'trace data of wrong types': () =>
    logTrace(
      any({
        name: canary,
        status: canary,
        traceId: canary,
        tags: canary,
        startedAt: canary,
        spans: [{ kind: canary, parentSpanId: canary }],
      }),
    ),
  'trace data that throws': () => logTrace(any({ name: 't', endedAt: Object.assign(new Date(), { getTime: leak }) })),
  'a value set after the end': () => {
    const t = startTrace(`named ${canary}`);
    t.end();
    t.setInput(canary).setStatus(any(canary));
  },
};

describe('P27 the log', () => {
  for (const [how, record] of Object.entries(plants)) {
    it(`P27 shows nothing of a value: ${how}`, async () => {
      const said = listenToStderr();
      try {
        init({
          sinks: [new MemorySink()],
          debug: true,
          mask: (value) => JSON.parse(JSON.stringify(value).replaceAll(canary, '***')),
        });
        await record();
        await getClient().flush();
      } finally {
        said.restore();
      }
      expect(said.lines.join('\n')).to.not.match(/CANARY|secret|4111/i);
      expect(said.lines, 'it is told that something is wrong').to.not.deep.equal([]);
    });
  }

  it('P27 logs the name of an error only if it is a name', () => {
    const said = listenToStderr();
    try {
      init({ sinks: [new MemorySink()] });
      const errors = [
        new TypeError(canary),
        Object.assign(new Error('x'), { name: canary }),
        canary,
        new AggregateError([]),
      ];
      for (const error of errors) {
        init({ sinks: [new MemorySink()] });
        const captureInput = () => {
          throw error;
        };
        traceFunction(() => 1, { captureInput })();
      }
    } finally {
      said.restore();
    }
    expect(said.lines.filter((line) => line.includes('captureInput'))).to.deep.equal(
      ['a TypeError', 'an object', 'a string', 'an AggregateError'].map(
        (sort) => `[pandaprobe] warning: captureInput threw ${sort}; the input is left out`,
      ),
    );
  });
});
