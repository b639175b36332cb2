import { expect } from 'chai';
import {
  bind,
  init,
  MemorySink,
  shutdown,
  spanFunction,
  startTrace,
  traceFunction,
  UsageError,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import { listenToStderr } from '../support/stderr.js';

describe('Invalid options and functions', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  afterEach(() => shutdown());

  it('refuses a call without a function, with or without options, and records nothing of it', async () => {
    const none = undefined as never;
    const calls: Readonly<Record<string, () => unknown>> = {
      'withTrace()': () => withTrace('t', none),
      'withTrace() with options': () => withTrace('t', { input: 'x' }, none),
      'withTrace() with null': () => withTrace('t', null, 'no function' as never),
      'traceFunction()': () => traceFunction(none),
      'spanFunction() with options': () => spanFunction(none, { name: 's' }),
      'bind()': () => bind(none),
      'withSpan()': () => withSpan('s', none),
      'withSpan() with options': () => withSpan('s', { kind: 'TOOL' }, none),
    };
    const handles = (): Readonly<Record<string, () => unknown>> => {
      const t = startTrace('own');
      return {
        't.withSpan()': () => t.withSpan('s', none),
        't.withSpan() with options': () => t.withSpan('s', {}, none),
      };
    };
    for (const isRecorded of [true, false]) {
      if (!isRecorded) await shutdown();
      for (const [name, call] of Object.entries({ ...calls, ...handles() })) {
        expect(call, `${name}, recorded: ${isRecorded}`)
          .to.throw(UsageError, /function/)
          .with.property('code', 'ERR_USAGE');
      }
    }
    expect(memory.traces.map(({ name, spans }) => [name, spans])).to.deep.equal([['own', []]]);
  });

  it('treats null as absent, and an unknown kind as OTHER, with a warning that does not show the kind', () => {
    const stderr = listenToStderr();
    try {
      withTrace('t', { sessionId: null, userId: null, tags: null, metadata: null } as never, () => {
        withSpan('null', { kind: null, model: null, metadata: null } as never, () => {});
        withSpan('word', { kind: 'sk-secret' as never }, () => {});
        withSpan('number', { kind: 7 as never }, () => {});
        withSpan('inherited', { kind: 'toString' as never }, () => {});
        withSpan('tool', { kind: 'TOOL' }, () => {});
      });
    } finally {
      stderr.restore();
    }
    expect(memory.tree()).to.equal(
      ['t', '├─ null OTHER', '├─ word OTHER', '├─ number OTHER', '├─ inherited OTHER', '└─ tool TOOL'].join('\n'),
    );
    const [trace] = memory.traces;
    expect(trace).to.deep.include({ sessionId: undefined, userId: undefined, tags: [], metadata: {} });
    expect(trace?.spans[0]).to.deep.include({ model: undefined, metadata: {} });
    expect(stderr.lines.join()).to.include('got another text').and.not.include('sk-secret');
  });
});
