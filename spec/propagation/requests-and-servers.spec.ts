import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import { expect } from 'chai';
import express from 'express';
import Fastify from 'fastify';
import { Client, getCurrentSpan, init, MemorySink, session, shutdown, withSpan, withTrace } from '../../lib/index.js';
import {
  expressMiddleware,
  fastifyHook,
  honoMiddleware,
  inject,
  injectingFetch,
  injectWithAxios,
  withRemoteParent,
} from '../../lib/propagation/propagation.js';

/** What the handlers of all servers do. */
const handle = (name: unknown) =>
  withTrace(`handler ${name}`, async () => {
    await null;
    return withSpan('step', async () => `done ${name}`);
  });

/** Express has no types of its own. */
type ExpressApp = RequestListener & Record<'use' | 'post', (...handlers: unknown[]) => void>;

function expressApp(): RequestListener {
  const app = (express as unknown as () => ExpressApp)();
  app.use((express as unknown as { json(): unknown }).json());
  app.use(expressMiddleware());
  app.post('/', async (request: { body: { name: string } }, response: { json(value: unknown): void }) => {
    response.json(await handle(request.body.name));
  });
  return app;
}

/** Hono as far as its middlewares see it: the request as the web's, and what comes after as a promise. */
function honoApp(): RequestListener {
  const middleware = honoMiddleware();
  return async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const headers = new Headers(Object.entries(request.headers).map(([key, value]) => [key, String(value)]));
    const raw = new Request('http://localhost/', { method: 'POST', headers, body: text });
    await middleware({ req: { raw } }, async () => {
      const { name } = (await raw.json()) as { name: string };
      response.end(JSON.stringify(await handle(name)));
    });
  };
}

async function fastifyServer(): Promise<Server> {
  const app = Fastify();
  app.addHook('preHandler', fastifyHook());
  app.post('/', async (request) => JSON.stringify(await handle((request.body as { name: string }).name)));
  await app.ready();
  return app.server;
}

const ways: Readonly<Record<string, () => Promise<Server>>> = {
  Express: async () => createServer(expressApp()),
  Fastify: fastifyServer,
  'what is called as Hono calls it': async () => createServer(honoApp()),
};

describe('Helpers for requests and servers', () => {
  let memory: MemorySink;
  let server: Server;
  let url: string;
  const settings = { apiKey: 'sk_pp_key', projectName: 'p', endpoint: 'http://127.0.0.1:9' };
  const listen = async (made: Server) => {
    server = made.listen(0, '127.0.0.1');
    if (!server.listening) await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  beforeEach(() => {
    memory = new MemorySink();
    init({ ...settings, sinks: [memory] });
  });
  afterEach(async () => {
    server?.close();
    server?.closeAllConnections();
    await shutdown();
  });

  const post = (call: typeof fetch, name: string, headers: Readonly<Record<string, string>> = {}) =>
    call(url, {
      method: 'POST',
      body: JSON.stringify({ name }),
      headers: { 'content-type': 'application/json', ...headers },
    }).then((answer) => answer.json());

  for (const [name, make] of Object.entries(ways)) {
    it(`P36 put each of two requests at once below its caller, with ${name}`, async () => {
      await listen(await make());
      const call = injectingFetch();
      const ask = (who: string) =>
        withTrace(who, () => withSpan('call', async () => expect(await post(call, who)).to.equal(`done ${who}`)));
      await Promise.all([ask('a'), ask('b')]);
      const tree = (who: string) => `${who}\n└─ call OTHER\n   └─ handler ${who} AGENT\n      └─ step OTHER`;
      expect(memory.tree().split(/\n(?=[ab]$)/m).toSorted()).to.deep.equal([tree('a'), tree('b')]); // biome-ignore format: one line
      expect(await post(call, 'c')).to.equal('done c');
      expect(memory.traces.at(-1)?.name).to.equal('handler c'); // nothing was current
    });
  }

  describe('with whatever headers', () => {
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const valid = `00-${trace}-b7ad6b7169203331-01`;
    const mark = (of: string) => `pandaprobe=1-00000000-${of}-${'1'.repeat(16)}-1`;
    const hostile: readonly (readonly [what: string, headers: Readonly<Record<string, string>>])[] = [
      ['a traceparent of 8,000 characters', { traceparent: valid + 'a'.repeat(8000) }],
      ['a traceparent that would be one without its end', { traceparent: `${valid}-`, tracestate: 'pandaprobe=1' }],
      ['two', { traceparent: `${valid}, ${valid}`, tracestate: 'pandaprobe=1' }],
      ['a mark behind 32 others', { tracestate: `${'v=1,'.repeat(32)}pandaprobe=1` }],
      ['a mark of zeroes', { tracestate: mark('0'.repeat(32)) }],
      ['a mark that is cut', { tracestate: mark(trace).slice(0, 60) }],
      ['a mark of another project', { tracestate: mark(trace) }],
      ['commas', { traceparent: ',', tracestate: ','.repeat(4000), baggage: ','.repeat(2000) }],
      ['baggage of 8,000 characters', { baggage: `session.id=${'%41'.repeat(2700)}`, tracestate: '=,=' }],
    ];
    for (const [what, headers] of hostile) {
      it(`P34 handle ${what} as if there were none`, async () => {
        await listen(createServer(expressApp()));
        expect(await post(fetch, 'x', headers)).to.equal('done x');
        expect(memory.tree()).to.equal('handler x\n└─ step OTHER');
        expect(memory.traces[0]?.traceId.replaceAll('-', '')).to.not.equal(trace);
        expect(memory.traces[0]?.sessionId).to.equal(undefined);
      });
    }
  });

  it('P28 record nothing of a request of which the caller is left out, and everything of one whose sampler is another', async () => {
    await listen(createServer(expressApp()));
    await shutdown();
    init({ ...settings, sinks: [memory], sampleRate: 0 });
    const headers = await withTrace('left out', async () => inject());
    await shutdown();
    init({ ...settings, sinks: [memory] });
    expect(await post(fetch, 'no', headers)).to.equal('done no');
    expect(memory.traces).to.deep.equal([]);
    expect(await post(fetch, 'yes', { traceparent: String(headers.traceparent) })).to.equal('done yes');
    expect(memory.tree()).to.equal('handler yes\n└─ step OTHER');
  });

  it('P34 keep a request of another project apart', async () => {
    await listen(createServer(expressApp()));
    const other = new Client({ ...settings, projectName: 'another', sinks: [new MemorySink()] });
    try {
      const open = other.trace('theirs');
      const headers = inject();
      await post(fetch, 'x', headers);
      open.end();
      expect(memory.traces.map(({ name, traceId }) => [name, traceId === open.traceId])).to.deep.equal([
        ['handler x', false],
      ]);
    } finally {
      await other.shutdown();
    }
  });

  describe('injectingFetch()', () => {
    /** What a fetch was called with. */
    let called: (readonly [input: unknown, init: RequestInit | undefined])[];
    const fake = (async (input: unknown, init?: RequestInit) => {
      called.push([input, init]);
      return new Response('');
    }) as typeof fetch;
    beforeEach(() => {
      called = [];
    });
    const sent = (at = 0) => new Headers(called[at]?.[1]?.headers);

    it('P12 gives and calls what fetch would, where nothing is current', async () => {
      const call = injectingFetch(fake);
      const given = { headers: { a: 'b' } };
      await call('http://x/', given);
      await call('http://x/');
      expect(called).to.deep.equal([['http://x/', given], ['http://x/', undefined]]); // biome-ignore format: pairs
      expect(called[0]?.[1]).to.equal(given);
    });

    it('keeps the properties of a fetch, as preconnect of Bun is one', () => {
      const preconnect = () => {};
      const call = injectingFetch(Object.assign((...args: Parameters<typeof fetch>) => fake(...args), { preconnect }));
      expect(call).to.include({ preconnect });
    });

    it('leaves headers, requests and options of the caller as they are', async () => {
      const call = injectingFetch(fake);
      const headers = { 'X-Key': 'k' };
      const request = new Request('http://x/', { headers, method: 'PUT' });
      await withTrace('t', async () => {
        await call('http://x/', { method: 'POST', headers });
        await call(request);
        await call(request, { headers: { other: '1' } });
      });
      expect(headers).to.deep.equal({ 'X-Key': 'k' });
      expect(request.headers.has('traceparent')).to.equal(false);
      expect(called[0]?.[1]?.method).to.equal('POST');
      expect([0, 1, 2].map((at) => [sent(at).get('x-key'), sent(at).get('other'), sent(at).has('traceparent')])).to.deep.equal([['k', null, true], ['k', null, true], [null, '1', true]]); // biome-ignore format: rows
    });

    it('keeps the headers of a request of another fetch, such as that of undici', async () => {
      const request = Object.create({ url: 'http://inside/', headers: new Headers({ 'x-key': 'k' }) }) as Request;
      const call = injectingFetch(fake, { to: ({ hostname }) => hostname === 'inside' });
      await withTrace('t', () => call(request));
      await withTrace('t', () => call(new URL('http://inside/')));
      expect([sent().get('x-key'), sent().has('traceparent')]).to.deep.equal(['k', true]);
      expect(sent(1).has('traceparent')).to.equal(true);
      await withTrace('t', () => injectingFetch(fake)(request));
      expect([sent(2).get('x-key'), sent(2).has('traceparent')]).to.deep.equal(['k', true]);
    });

    it("keeps another tracer's traceparent, and puts the mark before its state", async () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await withTrace('t', () => injectingFetch(fake)('http://x/', { headers: { traceparent, tracestate: 'v=1' } }));
      expect(sent().get('traceparent')).to.equal(traceparent);
      expect(sent().get('tracestate')).to.match(/^pandaprobe=1-[^,]*,v=1$/);
    });

    it('P27 sends nothing to whom it is told not to, nor where it cannot be told', async () => {
      const to = (url: URL) => {
        if (url.hostname === 'odd') throw new Error('no');
        return url.hostname === 'inside';
      };
      const call = injectingFetch(fake, { to });
      await withTrace('t', async () => {
        for (const url of ['http://inside/', 'http://outside/', 'http://odd/', 'no url']) await call(url);
      });
      expect(called.map((_, at) => sent(at).has('traceparent'))).to.deep.equal([true, false, false, false]);
    });

    it('P12 throws what fetch throws', async () => {
      const failure = new Error('x');
      const call = injectingFetch(() => Promise.reject(failure));
      const caught = await withTrace('t', () => call('http://x/').catch((error: unknown) => error));
      expect(caught).to.equal(failure);
    });
  });

  describe('injectWithAxios()', () => {
    it('makes requests carry what is current where they are made, until it is ended', async () => {
      await listen(createServer(expressApp()));
      const api = axios.create({ baseURL: url, proxy: false });
      const end = injectWithAxios(api, { to: ({ hostname }) => hostname === '127.0.0.1' });
      const ask = (who: string) =>
        withTrace(who, () => withSpan('call', async () => (await api.post('/', { name: who })).data));
      expect(await Promise.all([ask('a'), ask('b')])).to.deep.equal(['done a', 'done b']);
      expect(memory.traces.map(({ spans }) => spans.map(({ name }) => name).toSorted())).to.deep.equal([
        ['call', 'handler a', 'step'],
        ['call', 'handler b', 'step'],
      ].slice(memory.traces[0]?.name === 'a' ? 0 : 2)); // biome-ignore format: rows
      end();
      await ask('c');
      expect(memory.traces.map(({ name }) => name)).to.include('handler c');
    });

    it('asks for the URL that axios requests: the base with its path, unless the URL is absolute', async () => {
      const api = axios.create({ adapter: async (config) => ({ config, data: '', status: 200, statusText: '', headers: {} }) }); // biome-ignore format: one line
      const asked: string[] = [];
      injectWithAxios(api, { to: ({ href }) => asked.push(href) > 0 });
      for (const [baseURL, path] of [
        ['http://x/api', '/users'],
        ['http://x/api/', 'users'],
        ['http://x/api', ''],
        ['http://x/api', 'http://y/users'],
        ['/api', 'http://y/users'],
        [undefined, 'http://y/users'],
        [undefined, '/users'],
      ] as const)
        await api.get(path, baseURL === undefined ? {} : { baseURL });
      expect(asked).to.deep.equal([
        ...['http://x/api/users', 'http://x/api/users', 'http://x/api'],
        ...['http://y/users', 'http://y/users', 'http://y/users', 'http://localhost/users'],
      ]);
    });

    it("keeps another tracer's traceparent, in whatever case it is written", async () => {
      const api = axios.create({ adapter: async (config) => ({ config, data: '', status: 200, statusText: '', headers: {} }) }); // biome-ignore format: one line
      injectWithAxios(api);
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const { config } = await withTrace('t', () => api.get('http://x/', { headers: { Traceparent: traceparent } }));
      const found = Object.entries(config.headers).filter(([name]) => /^traceparent$/i.test(name));
      expect(found.map(([, value]) => value)).to.deep.equal([traceparent]);
      expect(config.headers.get('tracestate')).to.match(/^pandaprobe=1-/);
    });
  });

  it('leave the headers of another tracer as they are, where a received context is only passed on', async () => {
    const seen: Headers[] = [];
    const call = injectingFetch(async (_, init) => {
      seen.push(new Headers(init?.headers));
      return new Response();
    });
    const [received, own] = ['1', '2'].map((digit) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`);
    const mark = `pandaprobe=1-00000000-${'1'.repeat(32)}-${'1'.repeat(16)}-1`; // of another project
    const given = { headers: { traceparent: own ?? '', tracestate: 'other=2' } };
    await withRemoteParent({ traceparent: received, tracestate: 'other=1' }, () => call('http://x/', given));
    await withRemoteParent({ traceparent: received, tracestate: `${mark},other=1` }, () => call('http://x/', given));
    await withRemoteParent({ traceparent: received, tracestate: `${mark},other=1` }, () => call('http://x/'));
    await shutdown(); // nothing is recorded from here on
    await withRemoteParent({ traceparent: received, tracestate: 'pandaprobe=1' }, () => call('http://x/', given));
    expect(seen.map((headers) => [headers.get('traceparent'), headers.get('tracestate')])).to.deep.equal([
      [own, 'other=2'],
      [own, `${mark},other=2`],
      [received, `${mark},other=1`],
      [own, 'other=2'],
    ]);
  });

  it('add session and user to the baggage that is there, and headers where there are none', async () => {
    const seen: unknown[] = [];
    type Config = { headers?: Record<string, string> };
    const added: ((config: Config) => Config)[] = [];
    const request = { use: (each: (config: Config) => Config) => added.push(each), eject: () => {} };
    injectWithAxios<Config>({ interceptors: { request } }, { baggage: true });
    const intercept = (config: Config) => added[0]?.(config).headers ?? {};
    const call = injectingFetch(
      async (_, init) => {
        seen.push(new Headers(init?.headers).get('baggage'));
        return new Response();
      },
      { baggage: true },
    );
    await session('s 1', () =>
      withTrace('t', async () => {
        await call('http://x/', { headers: { baggage: 'team=blue;p=1' } });
        await call('http://x/');
        seen.push(intercept({ headers: { Baggage: 'team=blue, user.id=u' } }).Baggage);
        seen.push(intercept({}).baggage);
        seen.push(intercept({ headers: { baggage: 'session.id=other,team=blue' } }).baggage);
      }),
    );
    expect(seen).to.deep.equal([
      ...['session.id=s%201,team=blue;p=1', 'session.id=s%201', 'session.id=s%201,team=blue, user.id=u'],
      ...['session.id=s%201', 'session.id=s%201,team=blue'],
    ]);
  });

  it('P12 leave nothing current behind', async () => {
    withRemoteParent(
      { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`, tracestate: 'pandaprobe=1' },
      () => {},
    );
    expect(getCurrentSpan()).to.equal(undefined);
    expect(inject()).to.deep.equal({});
  });
});
