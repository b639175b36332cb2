import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import axios from 'axios';
import { execa } from 'execa';
import got, { type CancelableRequest, type Response } from 'got';
import knexOf, { type Client, type Knex } from 'knex';
import ky from 'ky';
import mongoose from 'mongoose';
import OpenAI from 'openai';
import { type Form, sameAndOver } from './given.js';
import { startOrigin } from './origin.js';

const load = createRequire(import.meta.url);
interface Superagent {
  get(url: string): PromiseLike<{ readonly body: unknown }> & {
    catch(onError: (error: Error) => unknown): Promise<unknown>;
    end(callback: (error: Error | null, response?: { readonly body: unknown }) => void): unknown;
    pipe(stream: PassThrough): unknown;
  };
}
const superagent: Superagent = load('superagent');

const message = (error: Error) => error.message;
const rejection = (promise: PromiseLike<unknown>) => Promise.resolve(promise).then(() => 'no error', message);

describe('P12 A query or request is over with its first use', () => {
  let origin: Awaited<ReturnType<typeof startOrigin>>;
  let knex: Knex;
  let queries = 0;
  before(async () => {
    origin = await startOrigin();
    const BetterSqlite3: typeof Client = load('knex/lib/dialects/better-sqlite3/index.js');
    class Sqlite extends BetterSqlite3 {
      _driver() {
        return load('libsql');
      }
    }
    knex = knexOf({ client: Sqlite, connection: { filename: ':memory:' }, useNullAsDefault: true, pool: { max: 1 } });
    await knex.schema.createTable('t', (table) => void table.integer('a'));
    await knex('t').insert([{ a: 1 }, { a: 2 }]);
    knex.on('query', () => {
      queries += 1;
    });
  });
  after(async () => {
    await knex.destroy();
    await origin.close();
  });

  const rows = [{ a: 1 }, { a: 2 }];
  const noTable = /no such table/;
  const sql: Record<string, Form> = {
    await: { make: () => knex('t'), take: async (query: Knex.QueryBuilder) => await query, output: rows },
    'a further condition': {
      make: () => knex('t'),
      take: async (query: Knex.QueryBuilder) => await query.where('a', 2),
      output: [{ a: 2 }],
    },
    'await, failing': { make: () => knex('no'), take: (query: Knex.QueryBuilder) => rejection(query), error: noTable },
    'catch()': { make: () => knex('no'), take: (query: Knex.QueryBuilder) => query.catch(message), error: noTable },
    'catch(), fulfilled': {
      make: () => knex('t'),
      take: (query: Knex.QueryBuilder) => query.catch(message),
      output: rows,
    },
    'finally()': { make: () => knex('t'), take: (query: Knex.QueryBuilder) => query.finally(() => {}), output: rows },
    'asCallback()': {
      make: () => knex('t'),
      take: (query: Knex.QueryBuilder) =>
        new Promise((resolve, reject) => {
          void query.asCallback((error: Error | null, found: unknown) => (error ? reject(error) : resolve(found)));
        }),
      output: rows,
    },
    'await, twice': {
      make: () => knex('t'),
      take: async (query: Knex.QueryBuilder) => [await query, await query],
      output: rows,
    },
    'two at once': {
      make: () => knex('t'),
      take: (query: Knex.QueryBuilder) => Promise.all([query, query]),
      output: rows,
    },
  };
  for (const [name, form] of Object.entries(sql)) {
    it(`of Knex taken by ${name}`, () => sameAndOver({ ...form, count: () => queries }));
  }

  describe('of an SQL builder with a synchronous driver', () => {
    let asked = 0;
    /** As Drizzle's queries of better-sqlite3 are: lazy, and each way but `then` gives the rows themselves. */
    class RowsQuery {
      readonly #found: () => unknown[];
      constructor(found: () => unknown[]) {
        this.#found = () => {
          asked += 1;
          return found();
        };
      }
      getSQL() {
        return 'select "a" from "t"';
      }
      all() {
        return this.#found();
      }
      get() {
        return this.all()[0];
      }
      run() {
        return { changes: this.all().length };
      }
      sync() {
        return this.all();
      }
      // biome-ignore lint/suspicious/noThenProperty: as Drizzle's queries have it
      then<R>(...args: Parameters<Promise<R>['then']>) {
        return new Promise((resolve) => resolve(this.all() as R)).then(...(args as [])); // its own types are of no matter
      }
    }
    const found = () => new RowsQuery(() => rows);
    const none = () => new RowsQuery(() => []);
    const fails = () =>
      new RowsQuery(() => {
        throw new Error('no such table: t');
      });
    const caught = (take: () => unknown) => {
      try {
        return take();
      } catch (error) {
        return message(error as Error);
      }
    };
    const forms: Record<string, Form> = {
      await: { make: found, take: async (query: RowsQuery) => await query, output: rows },
      'all()': { make: found, take: (query: RowsQuery) => query.all(), output: rows },
      'get()': { make: found, take: (query: RowsQuery) => query.get(), output: { a: 1 } },
      'get(), without a row': { make: none, take: (query: RowsQuery) => query.get() },
      'run()': { make: found, take: (query: RowsQuery) => query.run(), output: { changes: 2 } },
      'sync()': { make: found, take: (query: RowsQuery) => query.sync(), output: rows },
      'all(), failing': {
        make: fails,
        take: (query: RowsQuery) => caught(() => query.all()),
        error: 'no such table: t',
      },
    };
    for (const [name, form] of Object.entries(forms)) {
      it(`taken by ${name}`, () => sameAndOver({ ...form, count: () => asked }));
    }
  });

  it('of a thenable whose then throws', () =>
    sameAndOver({
      make: () => ({
        // biome-ignore lint/suspicious/noThenProperty: that is what is looked at
        then() {
          throw new Error('not connected');
        },
      }),
      take: (query: PromiseLike<unknown>) => rejection(query),
      error: 'not connected',
    }));

  describe('of Mongoose', () => {
    const Model = mongoose.model(
      'Thing',
      new mongoose.Schema({ a: Number }, { bufferCommands: false, autoCreate: false, autoIndex: false }),
    );
    let found = 0;
    // No server is asked: what the driver would do.
    Object.assign(Model.collection, {
      findOne: async (filter: { a?: number }) => {
        found += 1;
        if (filter.a === 0) throw new Error('no connection');
        return { _id: '64b7f3a1c2d4e5f601234567', a: filter.a };
      },
    });
    const lean = (a: number) => Model.findOne({ a }).lean();
    type Query = ReturnType<typeof lean>;
    const document = { _id: '64b7f3a1c2d4e5f601234567', a: 1 };
    const forms: Record<string, Form> = {
      await: { make: () => lean(1), take: async (query: Query) => await query, output: document },
      'exec()': { make: () => lean(1), take: (query: Query) => query.exec(), output: document },
      'exec(), failing': {
        make: () => lean(0),
        take: (query: Query) => rejection(query.exec()),
        error: 'no connection',
      },
      'catch()': { make: () => lean(0), take: (query: Query) => query.catch(message), error: 'no connection' },
      'finally()': {
        make: () => lean(0),
        take: (query: Query) => rejection(query.finally(() => {})),
        error: 'no connection',
      },
    };
    for (const [name, form] of Object.entries(forms)) {
      it(`taken by ${name}`, () => sameAndOver({ ...form, count: () => found }));
    }
  });

  const url = (path: string) => `${origin.url}${path}`;
  type Got = CancelableRequest<Response<string>>;
  type Ky = ReturnType<typeof ky>;
  type Agent = ReturnType<Superagent['get']>;
  const json = { a: 1 };
  const requests: Record<string, Form> = {
    'Ky taken by json()': { make: () => ky(url('/json')), take: (request: Ky) => request.json() },
    'Ky taken by text()': { make: () => ky(url('/json')), take: (request: Ky) => request.text() },
    'Ky taken by json(), refused': {
      make: () => ky(url('/404'), { retry: 0 }),
      take: (request: Ky) => rejection(request.json()),
      error: /404/,
    },
    'Ky taken by catch()': {
      make: () => ky(url('/404'), { retry: 0 }),
      take: (request: Ky) => request.catch(message),
      error: /404/,
    },
    'Ky taken by await, and read': {
      make: () => ky(url('/json')),
      take: async (request: Ky) => (await request).json(),
    },
    'Got taken by json()': { make: () => got(url('/json')), take: (request: Got) => request.json(), output: json },
    'Got taken by text()': { make: () => got(url('/json')), take: (request: Got) => request.text(), output: '{"a":1}' },
    'Got taken by await': { make: () => got(url('/json')), take: async (request: Got) => (await request).body },
    'Got taken by json(), refused': {
      make: () => got(url('/404'), { retry: { limit: 0 } }),
      take: (request: Got) => rejection(request.json()),
      error: /404/,
    },
    'Got taken by catch()': {
      make: () => got(url('/404'), { retry: { limit: 0 } }),
      take: (request: Got) => request.catch(message),
      error: /404/,
    },
    'Superagent taken by await': {
      make: () => superagent.get(url('/json')),
      take: async (request: Agent) => (await request).body,
    },
    'Superagent taken by end()': {
      make: () => superagent.get(url('/json')),
      take: (request: Agent) =>
        new Promise((resolve, reject) => {
          request.end((error, response) => (error ? reject(error) : resolve(response?.body)));
        }),
    },
    'Superagent taken by end(), refused': {
      make: () => superagent.get(url('/404')),
      take: (request: Agent) => new Promise((resolve) => void request.end((error) => resolve(error?.message))),
      error: 'Not Found',
    },
    'Superagent taken by catch()': {
      make: () => superagent.get(url('/404')),
      take: (request: Agent) => request.catch(message),
      error: 'Not Found',
    },
    'Superagent taken by pipe()': {
      make: () => superagent.get(url('/json')),
      take: async (request: Agent) => {
        const stream = new PassThrough();
        request.pipe(stream);
        let text = '';
        for await (const chunk of stream) text += String(chunk);
        return text;
      },
    },
    'Axios taken by catch()': {
      make: () => axios.get(url('/404')),
      take: (request: Promise<unknown>) => request.catch(message),
      error: /404/,
    },
    'Axios taken by await': {
      make: () => axios.get(url('/json')),
      take: async (request: Promise<{ data: unknown }>) => (await request).data,
    },
  };
  const openai = () => new OpenAI({ apiKey: 'k', baseURL: `${origin.url}/v1`, maxRetries: 0, logLevel: 'off' });
  const embed = () => openai().embeddings.create({ model: 'm', input: 'i' });
  type Embed = ReturnType<typeof embed>;
  Object.assign(requests, {
    'OpenAI taken by withResponse()': {
      make: embed,
      take: async (request: Embed) => (await request.withResponse()).data,
      output: json,
    },
    'OpenAI taken by asResponse()': {
      make: embed,
      take: async (request: Embed) => (await request.asResponse()).json(),
    },
    'OpenAI taken by catch()': { make: embed, take: (request: Embed) => request.catch(message), output: json },
  });
  const items = [{ id: 'f1' }, { id: 'f2' }];
  const list = () => {
    const page = async () => Response.json({ object: 'list', data: items, has_more: false });
    return new OpenAI({ apiKey: 'k', fetch: page }).files.list();
  };
  type List = ReturnType<typeof list>;
  Object.assign(requests, {
    'a list of OpenAI taken by await': {
      make: list,
      take: async (request: List) => (await request).data,
      output: items,
    },
    'a list of OpenAI taken page by page': {
      make: list,
      take: async (request: List) => (await (await request).iterPages().next()).value?.data,
      output: items,
    },
    'a list of OpenAI taken in a loop': {
      make: list,
      take: async (request: List) => {
        const ids: string[] = [];
        for await (const { id } of request) ids.push(id);
        return ids;
      },
      output: items,
    },
  });
  for (const [name, form] of Object.entries(requests)) {
    it(`of ${name}`, () => sameAndOver({ ...form, count: () => origin.asked.length }));
  }

  type Run = ReturnType<typeof execa>;
  const node = (code: string) => execa(process.execPath, ['-e', code]);
  const runs: Record<string, Form> = {
    await: { make: () => node('console.log(1)'), take: async (run: Run) => (await run).stdout },
    'catch()': {
      make: () => node('process.exit(3)'),
      take: (run: Run) => run.catch((error) => error.exitCode),
      error: /exit code 3/,
    },
    'finally()': {
      make: () => node('process.exit(3)'),
      take: (run: Run) => run.finally(() => {}).catch((error) => error.exitCode),
      error: /exit code 3/,
    },
    'its lines': {
      make: () => node('console.log(1); console.log(2)'),
      take: async (run: Run) => {
        const lines: unknown[] = [];
        for await (const line of run) lines.push(line);
        return lines;
      },
      output: ['1', '2'],
    },
    'its exit': {
      make: () => node(''),
      take: (run: Run) => new Promise((resolve) => void run.on('exit', resolve)),
      output: 0,
    },
  };
  for (const [name, form] of Object.entries(runs)) it(`of Execa taken by ${name}`, () => sameAndOver(form));
});
