import { expect } from 'chai';
import { suppressInstrumentation } from '../../lib/delivery/http/suppress-instrumentation.js';

const otel = Symbol.for('opentelemetry.js.api.1');
const global = globalThis as { [otel]?: unknown; __SENTRY__?: unknown };

describe('P20 Requests on the main thread', () => {
  let before: { otel: unknown; sentry: unknown };
  beforeEach(() => {
    before = { otel: global[otel], sentry: global.__SENTRY__ };
    delete global[otel];
    delete global.__SENTRY__;
  });
  afterEach(() => {
    global[otel] = before.otel;
    global.__SENTRY__ = before.sentry;
  });

  function sentry(acs: unknown): unknown {
    return { version: '11.0.0', '11.0.0': { acs } };
  }

  it('ask OpenTelemetry and Sentry for quiet in the way their own exporters do', () => {
    const asked: unknown[] = [];
    const context = {
      setValue: (key: symbol, value: unknown) => {
        asked.push(key, value);
        return context;
      },
    };
    const manager = { active: () => context, with: (_: unknown, fn: () => unknown) => fn() };
    global[otel] = { context: manager };
    const scope = { setSDKProcessingMetadata: (metadata: object) => asked.push(metadata) };
    global.__SENTRY__ = sentry({ withScope: (fn: (given: unknown) => unknown) => fn(scope) });
    expect(suppressInstrumentation(() => `asked ${asked.length} times`)).to.equal('asked 3 times');
    expect(asked).to.deep.equal([
      Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING'),
      true,
      { __SENTRY_SUPPRESS_TRACING__: true },
    ]);
  });

  const fault = () => {
    throw new Error('not as it was');
  };
  const faultAfter = (fn: () => void) => {
    fn();
    fault();
  };
  const strange: [title: string, otel: unknown, sentry: unknown][] = [
    ['are not there', undefined, undefined],
    ['are empty', {}, {}],
    ['throw', { context: { active: fault, with: fault } }, sentry({ withScope: fault, suppressTracing: fault })],
    ['never call back', { context: { active: () => ({ setValue: () => {} }), with() {} } }, sentry({ withScope() {} })],
    [
      'throw after the call',
      { context: { active: () => ({ setValue: () => {} }), with: (_: unknown, fn: () => void) => faultAfter(fn) } },
      sentry({ suppressTracing: faultAfter }),
    ],
    ['are something else', 'text', { version: 7 }],
  ];
  for (const [title, otelApi, carrier] of strange) {
    it(`are made exactly once, and their faults kept, where these ${title}`, () => {
      global[otel] = otelApi;
      global.__SENTRY__ = carrier;
      let calls = 0;
      const made = suppressInstrumentation(() => {
        calls += 1;
        return 'made';
      });
      expect([made, calls]).to.deep.equal(['made', 1]);
      const error = new Error('refused');
      expect(() =>
        suppressInstrumentation(() => {
          throw error;
        }),
      ).to.throw(error);
    });
  }
});
