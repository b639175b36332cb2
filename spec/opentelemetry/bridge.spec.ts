import { expect } from 'chai';
import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import { init, shutdown, startTrace, withSpan, withTrace } from '../../lib/index.js';
import { bridgeOpenTelemetry, type OTelApi } from '../../lib/opentelemetry/opentelemetry.js';

describe('bridgeOpenTelemetry()', () => {
  /** An API that notes which callbacks pass through it. */
  function apiNoting(name: string, noted: string[]): OTelApi<object> {
    return {
      context: {
        active: () => ({}),
        with: (_, fn) => {
          noted.push(name);
          return fn();
        },
      },
      trace: { setSpan: () => ({}), wrapSpanContext: () => ({}) },
      createTraceState: (text) => ({ serialize: () => text }),
    };
  }
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  afterEach(() => shutdown());

  for (const order of ['first made, first removed', 'last made, first removed']) {
    it(`leaves no bridge behind when two were made and both are removed: ${order}`, () => {
      const noted: string[] = [];
      const ends = ['a', 'b'].map((name) => bridgeOpenTelemetry(apiNoting(name, noted)));
      withTrace('t', () => {});
      expect(noted).to.deep.equal(['b']);
      if (order.startsWith('last')) ends.reverse();
      ends[0]?.();
      withTrace('t', () => {});
      expect(noted).to.deep.equal(order.startsWith('last') ? ['b', 'a'] : ['b', 'b']);
      ends[1]?.();
      withTrace('t', () => {});
      expect(noted).to.have.length(2);
    });
  }

  it('keeps a callback that threw below its handle, with the bridge', () => {
    const end = bridgeOpenTelemetry(apiNoting('a', []));
    const trace = startTrace('t');
    const handle = trace.span('handle');
    const failing = () =>
      withSpan('failing', () => {
        throw new Error('at once');
      });
    expect(failing).to.throw('at once');
    handle.end();
    trace.end();
    end();
    expect(memory.tree()).to.equal('t\n└─ handle OTHER\n   └─ failing OTHER ERROR');
  });
});
