import 'reflect-metadata';
import { expect } from 'chai';
import {
  bind,
  getTracedMethods,
  init,
  MemorySink,
  span,
  spanFunction,
  trace,
  traceFunction,
  UsageError,
  withTrace,
} from '../../lib/index.js';

describe('Decorated methods', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  const spans = () => memory.traces.flatMap((one) => one.spans);

  describe('the replacement', () => {
    it('keeps name, length and metadata, in either order of decorators', () => {
      const route = (path: string) => (method: (this: never, ...args: never[]) => unknown) => {
        Reflect.defineMetadata('path', path, method);
      };
      class Controller {
        @span
        @route('/below')
        below(a: number, b: number) {
          return a + b;
        }
        @route('/above')
        @span
        above(a: number) {
          return a;
        }
      }
      const { below, above } = Controller.prototype;
      expect([below.name, below.length, Reflect.getMetadata('path', below)]).to.deep.equal(['below', 2, '/below']);
      expect([above.name, above.length, Reflect.getMetadata('path', above)]).to.deep.equal(['above', 1, '/above']);
    });

    it('keeps metadata of other copies of reflect-metadata, such as 0.1', () => {
      const kept = new WeakMap<object, Map<unknown, unknown>>();
      const of = (target: object) => kept.get(target) ?? new Map<unknown, unknown>();
      const theirs = {
        defineMetadata: (key: unknown, value: unknown, target: object) =>
          void kept.set(target, of(target).set(key, value)),
        getOwnMetadata: (key: unknown, target: object) => of(target).get(key),
        getOwnMetadataKeys: (target: object) => [...of(target).keys()],
      };
      const { defineMetadata, getOwnMetadata, getOwnMetadataKeys } = Reflect;
      Object.assign(Reflect, theirs);
      try {
        const roles = (method: (this: never, ...args: never[]) => unknown) => {
          Reflect.defineMetadata('roles', ['admin'], method);
        };
        class Controller {
          @span
          @roles
          below() {}
        }
        expect(theirs.getOwnMetadata('roles', Controller.prototype.below)).to.deep.equal(['admin']);
        expect(getTracedMethods(Controller).map(({ method }) => method)).to.deep.equal(['below']);
      } finally {
        Object.assign(Reflect, { defineMetadata, getOwnMetadata, getOwnMetadataKeys });
      }
    });
  });

  describe('the kind of a function', () => {
    const sorts = {
      AsyncFunction: async () => 1,
      GeneratorFunction: function* () {
        yield 1;
      },
      AsyncGeneratorFunction: async function* () {
        yield 1;
      },
      Function: () => 1,
    };
    const ways: Record<string, (fn: () => unknown) => () => unknown> = {
      'spanFunction()': (fn) => spanFunction(fn),
      'traceFunction()': (fn) => traceFunction(fn),
      '@span': (fn) =>
        Reflect.apply(span, undefined, [fn, { kind: 'method', name: 'm', static: false, private: false }]),
      'bind()': (fn) => bind(fn),
    };
    for (const [way, replaced] of Object.entries(ways)) {
      it(`stays, as libraries look at it, with ${way}`, () => {
        for (const [sort, fn] of Object.entries(sorts)) {
          const replacement = replaced(fn);
          expect(replacement.constructor.name).to.equal(sort);
          expect(Object.prototype.toString.call(replacement)).to.equal(`[object ${sort}]`);
          expect(replacement).to.be.instanceOf(Function);
        }
      });

      it(`leaves its source to libraries that read in it what the function wants to get, with ${way}`, () => {
        const test = ({ page }: { page?: string } = {}) => page;
        const replacement = replaced(replaced(test));
        expect(replacement.toString()).to.equal(test.toString());
        expect(Object.keys(replacement)).to.deep.equal([]);
        const own = Object.assign(() => 1, { toString: () => 'its own' });
        expect(String(replaced(own))).to.equal('its own');
      });
    }
  });

  describe('a method whose name is a number', () => {
    const ways: Record<string, () => (this: unknown) => unknown> = {
      'of a standard decorator': () =>
        Reflect.apply(span, undefined, [() => 1, { kind: 'method', name: 42, static: false, private: false }]),
      'of experimentalDecorators': () => Reflect.apply(span, undefined, [{}, 42, { value: () => 1 }]).value,
      'of the protocol of 2018-09': () => {
        const element = { kind: 'method', key: 42, placement: 'prototype', descriptor: { value: () => 1 } };
        Object.defineProperty(element, Symbol.toStringTag, { value: 'Descriptor' });
        return Reflect.apply(span, undefined, [element]).descriptor.value;
      },
    };
    for (const [way, decorated] of Object.entries(ways)) {
      it(`is recorded under it, by a compiler ${way}`, () => {
        const method = decorated();
        expect(withTrace('t', () => method.call({}))).to.equal(1);
        expect(memory.tree()).to.equal('t\n└─ 42 OTHER');
      });
    }
  });

  describe('misuse', () => {
    const misuses: Record<string, () => unknown> = {
      'a class': () => Reflect.apply(span, undefined, [class {}, { kind: 'class', name: 'C' }]),
      'a field': () => Reflect.apply(span, undefined, [undefined, { kind: 'field', name: 'f', static: false }]),
      'a getter': () => Reflect.apply(trace, undefined, [() => 1, { kind: 'getter', name: 'g', static: false }]),
      'a field of the older dialect': () => Reflect.apply(span(), undefined, [{}, 'f']),
      'a getter of the older dialect': () => Reflect.apply(trace(), undefined, [{}, 'g', { get: () => 1 }]),
      'a class of the older dialect': () => Reflect.apply(span, undefined, [class {}]),
    };
    for (const [what, apply] of Object.entries(misuses)) {
      it(`on ${what} is a TypeError that says so`, () => {
        expect(apply)
          .to.throw(UsageError, /expected a method/)
          .with.property('code', 'ERR_USAGE');
        expect(apply).to.throw(TypeError);
      });
    }
  });

  describe('traceFunction() and spanFunction()', () => {
    it('record plain functions and keep their name, length and this', async () => {
      const search = spanFunction(
        function search(this: { at: string }, query: string) {
          return `${query} at ${this.at}`;
        },
        { kind: 'RETRIEVER' },
      );
      const answer = traceFunction(async (question: string) => search.call({ at: 'home' }, question), {
        name: 'answer',
      });
      expect(await answer('cats')).to.equal('cats at home');
      expect([search.name, search.length]).to.deep.equal(['search', 1]);
      expect(memory.tree()).to.equal('answer\n└─ search RETRIEVER');
      expect(spans()[0]!.input).to.deep.equal({ query: 'cats' });
    });
  });

  describe('getTracedMethods()', () => {
    it('lists what a class and the classes it extends report', () => {
      class Base {
        @trace({ name: 'agent' })
        run() {}
      }
      class Agent extends Base {
        @span({ kind: 'TOOL' })
        use() {}
        @span
        static make() {}
        plain() {}
      }
      expect(getTracedMethods(Agent)).to.deep.include.members([
        { method: 'use', isStatic: false, decorator: 'span', options: { kind: 'TOOL' } },
        { method: 'make', isStatic: true, decorator: 'span', options: {} },
        { method: 'run', isStatic: false, decorator: 'trace', options: { name: 'agent' } },
      ]);
      expect(getTracedMethods(Agent)).to.have.length(3);
    });
  });
});
