import { expect } from 'chai';
import { checkBody, writeCalls } from './contract.js';
import { bad, good, trace } from './contract-bodies.js';

// The body as a receiver sees it, without undefined fields. JSON.stringify and JSON.parse would turn Infinity into null.
function onTheWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(onTheWire);
  if (typeof value !== 'object' || value === null) return value;
  const known = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(known.map(([key, each]) => [key, onTheWire(each)]));
}

describe('Contract checker', () => {
  for (const [what, [call, body]] of Object.entries(good)) {
    it(`accepts ${what}`, () => expect(checkBody(call, onTheWire(body))).to.deep.equal([]));
  }

  for (const [what, [call, body, problem]] of Object.entries(bad)) {
    it(`refuses ${what}`, () => {
      const problems = checkBody(call, onTheWire(body));
      expect(problems[0]).to.match(new RegExp(`^${problem.replace(/[()[\]{}.*+?|\\^$]/g, '\\$&')}`));
      // One broken rule, one place: nothing else may be blamed.
      expect(new Set(problems.map((each) => each.split(': ')[0]))).to.have.lengthOf(1);
    });
  }

  it('has a valid example body for every write call', () => {
    expect(new Set(Object.values(good).map(([call]) => call))).to.deep.equal(new Set(writeCalls));
  });

  it('checks a value nested deeper than the stack', () => {
    let input: unknown = 'a\u0000';
    for (let depth = 0; depth < 100_000; depth += 1) input = [input];
    expect(checkBody('POST /traces', trace({ input }))).to.have.lengthOf(1);
  });
});
