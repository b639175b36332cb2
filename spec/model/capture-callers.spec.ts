import { expect } from 'chai';
import { captureJson } from '../../lib/model/capture.js';
import { captured, Money, roomy, Tool } from './captured.js';

describe('captureJson', () => {
  describe('P13 the caller’s data', () => {
    it('P13 reads every property once and calls toJSON once', () => {
      const reads = new Map<PropertyKey, number>();
      const counting = <T extends object>(target: T): T =>
        new Proxy(target, {
          get(from, key, self) {
            reads.set(key, (reads.get(key) ?? 0) + 1);
            return Reflect.get(from, key, self);
          },
        });
      const money = new Money();
      captureJson(counting({ a: 1, b: counting(['x']), toJSON: undefined, c: money }), roomy);
      captureJson(counting(new Tool()), roomy);
      for (const [key, count] of reads) {
        const isMetaRead = key === 'toJSON' || typeof key === 'symbol';
        expect(count, String(key)).to.equal(isMetaRead ? count : 1);
      }
      expect(money.calls).to.equal(1);
    });

    it('P13 reads an own toJSON getter once', () => {
      let reads = 0;
      const value = {
        get toJSON(): number {
          reads += 1;
          return reads;
        },
      };
      expect(captured(value)).to.deep.equal({ toJSON: 1 });
      expect(reads).to.equal(1);
    });

    it('P13 leaves frozen, sealed and plain data as it was', () => {
      const make = () => ({ list: [1, { a: new Date(5) }], map: new Map([['a', [1]]]), set: new Set([1]) });
      for (const seal of [Object.freeze, Object.seal, (value: object) => value]) {
        const value = make();
        seal(value);
        captureJson(value, { maxBytes: 256 });
        expect(value).to.deep.equal(make());
      }
    });

    it('P13 keeps what a value was at the call', () => {
      const messages = [{ role: 'user', content: 'one' }];
      const text = captureJson(messages, roomy);
      messages.push({ role: 'user', content: 'two' });
      expect(JSON.parse(text)).to.deep.equal([{ role: 'user', content: 'one' }]);
    });
  });

  it('returns a note when the caller’s stack is used up', () => {
    const results: string[] = [];
    const up = new Error('up'); // one for all frames: each error of its own would note the stack
    const dive = (): void => {
      try {
        dive();
      } catch {
        if (results.length < 5) results.push(captureJson({ a: [{ b: 'c' }] }, roomy));
        throw up;
      }
    };
    expect(dive).to.throw();
    for (const text of results) JSON.parse(text);
  });

  it('may be called again from a getter', () => {
    const value = {
      get inner(): string {
        return captureJson({ deep: [1] }, roomy);
      },
    };
    expect(captured(value)).to.deep.equal({ inner: '{"deep":[1]}' });
  });
});
