import { expect } from 'chai';
import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import { init, shutdown, withTrace } from '../../lib/index.js';
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
  beforeEach(() => init({ sinks: [new MemorySink()] }));
  afterEach(() => shutdown());

  for (const order of ['first made, first removed', 'last made, first removed']) {
    it(`leaves nothing when two were made and both are removed: ${order}`, () => {
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
});
