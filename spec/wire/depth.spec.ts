import { expect } from 'chai';
import { encodeLateSpans, encodeScore, encodeTrace } from '../../lib/delivery/pandaprobe/encoder.js';
import * as sdk from '../../lib/index.js';
import { init, type LateSpansRecord, type ScoreRecord, type Sink, type TraceRecord } from '../../lib/index.js';

/** The backend's parser takes no more. Source: backend-contract.md, *Deep nesting*. */
const maxLevels = 255;

function levelsOf(json: string): number {
  let most = 0;
  let level = 0;
  for (const [unit] of json.matchAll(/"(?:\\.|[^"\\])*"|[[\]{}]/g)) {
    if (unit === '{' || unit === '[') level += 1;
    else if (unit === '}' || unit === ']') level -= 1;
    most = Math.max(most, level);
  }
  expect(level).to.equal(0);
  return most;
}

const wraps: Readonly<Record<string, (inner: unknown) => unknown>> = {
  arrays: (inner) => [inner],
  objects: (inner) => ({ inner }),
  Maps: (inner) => new Map([['inner', inner]]),
  'Maps with other keys': (inner) => new Map([[1, inner]]),
  Sets: (inner) => new Set([inner]),
  causes: (cause) => new Error('x', { cause }),
  'what toJSON gives': (inner) => ({ toJSON: () => [inner] }),
  'long lists': (inner) => [...Array(20).fill(0), inner],
};

describe('The depth of a request', () => {
  for (const [what, wrap] of Object.entries(wraps)) {
    it(`P26 stays below 255 levels for ${what}, wherever they are recorded`, async () => {
      let deep: unknown = 'bottom';
      for (let level = 0; level < 400; level += 1) deep = wrap(deep);
      const bodies: string[] = [];
      const limits = { maxSpans: 500, maxBytes: 1e7 };
      const sink: Sink = {
        name: 'wire',
        trace: (record: TraceRecord) => void bodies.push(...encodeTrace(record, limits)),
        lateSpans: (record: LateSpansRecord) => void bodies.push(...encodeLateSpans(record, limits)),
        score: (record: ScoreRecord) => void bodies.push(encodeScore(record)),
      };
      for (const mask of [undefined, (value: unknown) => ({ masked: [[value]] })]) {
        init({ sinks: [sink], mask });
        const metadata = { deep };
        sdk.withTrace('t', { input: deep, metadata }, (t) => {
          const late = t.span('late', { input: deep, metadata });
          t.withSpan('s', { kind: 'LLM', input: deep }, (s) => s.setOutput(deep).setModelParameters({ deep }));
          sdk
            .spanFunction(function* () {
              yield deep;
            })()
            .next();
          queueMicrotask(() => late.end());
        });
        await Promise.resolve();
        sdk.logTrace(new sdk.TraceData({ name: 't', startedAt: new Date(), input: deep, metadata }));
        sdk.score(crypto.randomUUID(), 'quality', 1, { metadata });
      }
      await sdk.getClient().flush();
      expect(bodies).to.have.length.at.least(6);
      for (const body of bodies) expect(levelsOf(body)).to.be.within(2, maxLevels - 1);
      expect(Math.max(...bodies.map(levelsOf))).to.be.greaterThan(90);
    });
  }
});
