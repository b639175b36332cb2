import { setTimeout } from 'node:timers/promises';
import type * as Execa from 'execa';
import type Got from 'got';
import type { CancelableRequest, Response as GotResponse } from 'got';
import type Ky from 'ky';
import { isNewNode } from '../support/node-versions.js';
import { type Form, sameAndOver } from './given.js';
import { startOrigin } from './origin.js';

/*
 * Clients used to give promises of a class of their own. Many now give a native promise to which they assign methods: `json()` gives
 * something else than the promise does, and later.
 */

interface Response {
  readonly status: number;
}
interface Request extends Promise<Response> {
  json(): Promise<unknown>;
  text(): Promise<string>;
}

let asked = 0;
const message = (error: Error) => error.message;

function request(body = '{"a":1}'): Request {
  asked += 1;
  const response = setTimeout(1, { status: 200 });
  const text = async () => {
    await response;
    await setTimeout(1);
    return body;
  };
  return Object.assign(response, { text, json: async (): Promise<unknown> => JSON.parse(await text()) });
}

class OwnRequest<T> extends Promise<T> {
  async json(): Promise<unknown> {
    await this;
    await setTimeout(1);
    return { a: 1 };
  }
}

/** As Bluebird's promises are: each method but `then` and `catch` has a way of its own to the value. */
class EagerPromise<T> {
  readonly #inner: Promise<T>;
  constructor(inner: Promise<T>) {
    this.#inner = inner;
  }
  // biome-ignore lint/suspicious/noThenProperty: as Bluebird's promises have it
  then<R>(...handlers: Parameters<Promise<T>['then']>) {
    return new EagerPromise(this.#inner.then(...handlers) as Promise<R>);
  }
  map<R>(change: (item: T[keyof T]) => R) {
    return new EagerPromise(this.#inner.then((items) => [...(items as T[keyof T][])].map(change)));
  }
  tap(look: (value: T) => void) {
    const looked = (value: T) => {
      look(value);
      return value;
    };
    return new EagerPromise(this.#inner.then(looked));
  }
}
const eager = () => {
  asked += 1;
  return new EagerPromise(setTimeout(1, [1, 2]));
};
const eagerlyFailing = () => new EagerPromise(setTimeout(1).then(() => Promise.reject(new TypeError('refused'))));

function process(): Promise<{ readonly stdout: string }> & AsyncIterable<string> {
  asked += 1;
  const ended = setTimeout(2, { stdout: '1\n2' });
  return Object.assign(ended, {
    async *[Symbol.asyncIterator]() {
      yield '1';
      await ended;
      yield '2';
    },
  });
}

async function lines(of: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const line of of) all.push(line);
  return all;
}

const forms: Record<string, Form> = {
  await: { make: () => request(), take: async (given: Request) => (await given).status, output: { status: 200 } },
  'json()': { make: () => request(), take: (given: Request) => given.json(), output: { a: 1 } },
  'json(), and await': {
    make: () => request(),
    take: async (given: Request) => [await given.json(), (await given).status],
    output: { a: 1 },
  },
  'json(), which fails': {
    make: () => request('{'),
    take: (given: Request) => given.json().catch(message),
    error: /JSON/,
  },
  'json() of a class': {
    make: () => new OwnRequest((resolve) => resolve({ status: 200 })),
    take: (given: OwnRequest<unknown>) => given.json(),
    output: { a: 1 },
  },
  'map(), as Bluebird has it': {
    make: eager,
    take: async (given: EagerPromise<number[]>) => await given.map((item) => Number(item) * 2),
    output: [2, 4],
  },
  'tap(), as Bluebird has it, failing': {
    make: eagerlyFailing,
    take: (given: EagerPromise<number[]>) => given.tap(() => {}).then(undefined, message),
    error: /refused/,
  },
  'its lines': { make: process, take: lines, output: ['1', '2'] },
  'await, of one with lines': { make: process, take: (given: object) => given, output: { stdout: '1\n2' } },
};

describe('P12 A call that returns a promise with further methods is over when the used method is', () => {
  for (const [name, form] of Object.entries(forms)) {
    it(`taken by ${name}`, () => sameAndOver({ ...form, count: () => asked }));
  }

  if (isNewNode) {
    let origin: Awaited<ReturnType<typeof startOrigin>>;
    let clients: { readonly got: typeof Got; readonly ky: typeof Ky; readonly execa: typeof Execa.execa };
    before(async () => {
      origin = await startOrigin();
      const [{ default: got }, { default: ky }, { execa }] = (await Promise.all(
        ['got', 'ky', 'execa'].map((name) => import(`${name}-newest`)),
      )) as [{ default: typeof Got }, { default: typeof Ky }, typeof Execa];
      clients = { got, ky, execa };
    });
    after(() => origin.close());
    const url = (path: string) => `${origin.url}${path}`;
    const node = (code: string) => clients.execa(globalThis.process.execPath, ['-e', code]);

    type GotRequest = CancelableRequest<GotResponse<string>>;
    type KyRequest = ReturnType<typeof Ky>;
    const newest: Record<string, Form> = {
      'got 16, json()': {
        make: () => clients.got(url('/json')),
        take: (given: GotRequest) => given.json(),
        output: { a: 1 },
      },
      'got 16, text()': {
        make: () => clients.got(url('/json')),
        take: (given: GotRequest) => given.text(),
        output: '{"a":1}',
      },
      'got 16, await': { make: () => clients.got(url('/json')), take: async (given: GotRequest) => (await given).body },
      'got 16, json(), refused': {
        make: () => clients.got(url('/404'), { retry: { limit: 0 } }),
        take: (given: GotRequest) => given.json().catch(message),
        error: /404/,
      },
      'ky 2, json()': { make: () => clients.ky(url('/json')), take: (given: KyRequest) => given.json() },
      'ky 2, json(), refused': {
        make: () => clients.ky(url('/404'), { retry: 0 }),
        take: (given: KyRequest) => given.json().catch(message),
        error: /404/,
      },
      'execa 10, await': {
        make: () => node('console.log(1)'),
        take: async (given: PromiseLike<{ stdout: unknown }>) => (await given).stdout,
      },
      'execa 10, its lines': {
        make: () => node('console.log(1); console.log(2)'),
        take: lines,
        output: ['1', '2'],
      },
      'execa 10, a failure': {
        make: () => node('process.exit(3)'),
        take: (given: Promise<unknown>) => given.catch(message),
        error: /exit code 3/,
      },
    };
    for (const [name, form] of Object.entries(newest)) {
      it(`of ${name}`, () => sameAndOver(form));
    }
  }
});
