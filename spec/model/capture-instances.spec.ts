import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import sinon from 'sinon';
import { captureJson } from '../../lib/model/capture.js';
import { captured, Money, roomy, Tool } from './captured.js';

class Place {
  readonly city = 'Graz';
  readonly tags = ['a', 'b'];
}
class Entity {
  readonly place = new Place();
  readonly text = 'x'.repeat(300);
  constructor(readonly id: number) {}
  get shout(): string {
    throw new Error('not its own property');
  }
}
class Link {
  readonly href = 'https://ann:pw@host/?token=abc';
  readonly searchParams = '';
}
class Login {
  readonly user = 'ann';
  readonly password = 'hunter2';
}
class Tagged {
  get [Symbol.toStringTag](): string {
    return 'Tagged';
  }
}
class Chunks {
  readonly left = 3;
  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    yield 1;
  }
}
class Message {
  readonly statusCode = 200;
  readonly url = '/a?key=1';
  readonly body = 'b';
  header(): string {
    return 'x-api-key: k';
  }
}
class Page {
  readonly data = [1, 2];
  readonly options = { apiKey: 'k' };
  getPaginatedItems(): readonly number[] {
    return this.data;
  }
}
class Numbers {
  next(): IteratorResult<number> {
    return { done: true, value: 1 };
  }
  [Symbol.iterator](): this {
    return this;
  }
}
class Readable {
  readonly locked = false;
  getReader(): void {}
}
class Writable {
  readonly locked = false;
  getWriter(): void {}
}
class Duplex {
  readonly fd = 3;
  pipe(): void {}
  on(): void {}
}
class Agent {
  readonly options = { key: 'pem' };
  addRequest(): void {}
}
class Response {
  readonly status = 200;
  readonly url = '/b';
  readonly body = 'b';
  get headers(): object {
    return {};
  }
}
class Reply {
  readonly request = { method: 'GET', url: '/c' };
  getHeader(name: string): string {
    return name === 'content-length' ? '9' : 'k';
  }
}
class Upload {
  arrayBuffer(): ArrayBuffer {
    return new ArrayBuffer(8);
  }
  get size(): number {
    return 8;
  }
}
function Old(this: { a: number }): void {
  this.a = 1;
}
Old.prototype.method = () => 1;
class Failure extends Error {
  readonly code = 'E1';
}
const asPrototype = new Proxy({}, { getPrototypeOf: sinon.stub().throws(new Error('trap')) });

const place = { city: 'Graz', tags: ['a', 'b'] };

/** How one object of each kind is written. */
const kinds: Readonly<Record<string, readonly [make: () => object, expected: unknown]>> = {
  'a class': [() => new Place(), place],
  'a class in a class': [() => new Entity(7), { place, text: 'x'.repeat(300), id: 7 }],
  'a class with a private field': [() => new Tool(), { name: 'search', limit: 3 }],
  'a class with toJSON': [() => new Money(), { cents: 5, at: '1970-01-01T00:00:00.000Z' }],
  'a class that extends another': [() => new (class extends Place {})(), place],
  'an address': [() => new Link(), 'https://host/?token=[Masked]'],
  'a class with a credential': [() => new Login(), { user: 'ann', password: '[Masked]' }],
  'a class with a tag and properties': [() => Object.assign(new Tagged(), { a: 1 }), { a: 1 }],
  'a class with a tag': [() => new Tagged(), '[object Tagged]'],
  'a class of bytes': [() => new Upload(), { type: 'Upload', bytes: 8 }],
  'a class that can be iterated': [() => new Chunks(), '[object Chunks]'],
  'an iterator': [() => new Numbers(), '[object Numbers]'],
  'a stream to read': [() => new Readable(), '[object Readable]'],
  'a stream to write': [() => new Writable(), '[object Writable]'],
  'a stream of the old kind': [() => new Duplex(), '[object Duplex]'],
  'an agent': [() => new Agent(), '[object Agent]'],
  'a request': [() => new Message(), { method: undefined, url: '/a?key=[Masked]', status: 200, bytes: undefined }],
  'a response': [() => new Response(), { url: '/b', status: 200 }],
  'a reply': [() => new Reply(), { method: 'GET', url: '/c', status: undefined, bytes: 9 }],
  'a page of a client': [() => new Page(), [1, 2]],
  'a class of the old kind': [() => Reflect.construct(Old, []), { a: 1 }],
  'a list': [() => [1, 'a'], [1, 'a']],
  'a list of a class': [() => new (class List extends Array<number> {})(1, 2, 3), [1, 2, 3]],
  'an object of another realm': [
    () => runInNewContext('({ a: [1], at: new Date(0) })'),
    { a: [1], at: '1970-01-01T00:00:00.000Z' },
  ],
  'a list of another realm': [() => runInNewContext('[1, new Date(0)]'), [1, '1970-01-01T00:00:00.000Z']],
  'a class of another realm': [
    () => runInNewContext('new (class A { a = /x/; b = new Error("no").message })()'),
    { a: '/x/', b: 'no' },
  ],
  'an error': [() => new Failure('no'), { name: 'Error', message: 'no', code: 'E1' }],
  'a Map': [() => new Map([['a', 1]]), { a: 1 }],
  'a Set': [() => new Set([1]), [1]],
  'a promise': [() => Promise.resolve(1), '[Promise]'],
  'bytes with the prototype of a class': [
    () => Object.setPrototypeOf(new Uint8Array(3), Place.prototype),
    { type: 'Uint8Array' },
  ],
  'a prototype that throws': [() => Object.create(asPrototype), '[Throws: trap]'],
  'no prototype': [() => Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
};

describe('captureJson of class instances', () => {
  for (const [kind, [make, value]] of Object.entries(kinds)) {
    it(`P25 writes ${kind} in its form, alone, in a list and in rows`, () => {
      const expected = JSON.parse(JSON.stringify(value));
      const many = Array.from({ length: 50 }, make);
      const all = many.map(() => expected);
      expect(withoutStack(captured(make()))).to.deep.equal(expected);
      expect((captured(many) as readonly unknown[]).map(withoutStack)).to.deep.equal(all);
      const { rows } = captured({ rows: many.map((item, at) => ({ at, item })) }) as {
        rows: readonly { item: unknown }[];
      };
      expect(rows.map(({ item }) => withoutStack(item))).to.deep.equal(all);
    });
  }

  it('P25 writes what the class of an instance gets later, and what one instance has', () => {
    class Late {
      readonly a = 1;
    }
    const late = Array.from({ length: 40 }, () => new Late());
    expect(captured(late)).to.deep.equal(late.map(() => ({ a: 1 })));
    Object.assign(late[3] as Late, { toJSON: () => 'mine' });
    expect((captured(late) as unknown[]).slice(2, 5)).to.deep.equal([{ a: 1 }, 'mine', { a: 1 }]);
    Object.defineProperty(Late.prototype, 'toJSON', { value: () => 'all' });
    expect(captured(late[0])).to.equal('all');
    expect(captured(late)).to.deep.equal(late.map((_, at) => (at === 3 ? 'mine' : 'all')));
  });

  it('P29 writes many instances, and a large Set, with few calls of JSON.stringify', () => {
    class Note {
      readonly place = new Place();
      readonly text = 'a text that is too long for a row of short values';
    }
    class Reminder extends Note {
      readonly at = 1;
    }
    for (const type of [Note, Reminder, class extends Reminder {}])
      expect(callsOfStringify(Array.from({ length: 2000 }, () => new type()))).to.be.below(100);
    const members = Array.from({ length: 15_000 }, (_, at) => `a member that is longer than most, ${at}`);
    expect(callsOfStringify(new Set(members))).to.be.below(300);
  });

  it('P32 reads of a Set no more than is kept or counted', () => {
    const read = sinon.spy();
    const values = function* (this: unknown): Generator<unknown> {
      for (let at = 0; ; at += 1) {
        read();
        yield `member ${at}`;
      }
    };
    const set = new Set(Array.from({ length: 100_001 }, (_, at) => at));
    const original = Set.prototype.values;
    Set.prototype.values = values as never;
    try {
      captureJson(set, { maxBytes: 1000 });
    } finally {
      Set.prototype.values = original;
    }
    expect(read.callCount).to.be.within(10, 60_000);
  });
});

function callsOfStringify(value: unknown): number {
  const stringify = sinon.spy(JSON, 'stringify');
  try {
    captureJson(value, roomy);
    return stringify.callCount;
  } finally {
    stringify.restore();
  }
}

/** A stack names the line that made the error. */
function withoutStack(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) Reflect.deleteProperty(value, 'stack');
  return value;
}
