import 'reflect-metadata';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { init, MemorySink, shutdown, withSpan, withTrace } from '../../lib/index.js';
import { expressMiddleware, honoMiddleware, injectingFetch } from '../../lib/propagation/propagation.js';
import { needFrameworks } from './support/installed.js';

/** What the handlers of all servers do. */
const handle = (name: unknown) =>
  withTrace(`handler ${name}`, async () => {
    await null;
    return withSpan('step', async () => `done ${name}`);
  });

async function honoServer(): Promise<Server> {
  const [{ Hono }, { createAdaptorServer }] = await Promise.all([import('hono'), import('@hono/node-server')]);
  const app = new Hono();
  app.use(honoMiddleware());
  app.post('/', async (c) => c.json(await handle((await c.req.json()).name)));
  app.get('/stream', (c) => {
    const body = new ReadableStream({
      async pull(controller) {
        controller.enqueue(new TextEncoder().encode(JSON.stringify(await handle('stream'))));
        controller.close();
      },
    });
    return c.body(body);
  });
  return createAdaptorServer({ fetch: app.fetch, createServer }) as Server;
}

async function nestServer(): Promise<Server> {
  const [{ Body, Controller, Module, Post }, { NestFactory }] = await Promise.all([
    import('@nestjs/common'),
    import('@nestjs/core'),
  ]);
  class Weather {
    ask({ name }: { name: string }) {
      return handle(name).then((text) => JSON.stringify(text));
    }
  }
  class App {}
  // As the decorators' syntax does it.
  Body()(Weather.prototype, 'ask', 0);
  Post()(Weather.prototype, 'ask', Object.getOwnPropertyDescriptor(Weather.prototype, 'ask') as PropertyDescriptor);
  Controller()(Weather);
  Module({ controllers: [Weather] })(App);
  const app = await NestFactory.create(App, { logger: false });
  app.use(expressMiddleware());
  await app.init();
  return app.getHttpServer() as Server;
}

describe('Middlewares in real servers', () => {
  let memory: MemorySink;
  let server: Server;
  let url: string;

  before(function () {
    needFrameworks(this);
  });
  beforeEach(() => {
    memory = new MemorySink();
    init({ apiKey: 'sk_pp_key', projectName: 'p', endpoint: 'http://127.0.0.1:9', sinks: [memory] });
  });
  afterEach(async () => {
    server?.close();
    server?.closeAllConnections();
    await shutdown();
  });

  async function listen(made: Server): Promise<void> {
    server = made.listen(0, '127.0.0.1');
    if (!server.listening) await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const post = async (call: typeof fetch, name: string) => {
    const headers = { 'content-type': 'application/json' };
    return (await call(`${url}/`, { method: 'POST', body: JSON.stringify({ name }), headers })).json();
  };
  const below = (who: string, name = who) => `${who}\n└─ call OTHER\n   └─ handler ${name} AGENT\n      └─ step OTHER`;
  const trees = () =>
    memory
      .tree()
      .split(/\n(?=[a-z]+$)/m)
      .toSorted();

  for (const [name, make] of Object.entries({ Hono: honoServer, Nest: nestServer })) {
    it(`P36 puts each of two concurrent requests below its caller, in ${name}`, async () => {
      await listen(await make());
      const call = injectingFetch();
      const ask = (who: string) =>
        withTrace(who, () => withSpan('call', async () => expect(await post(call, who)).to.equal(`done ${who}`)));
      await Promise.all([ask('a'), ask('b')]);
      expect(trees()).to.deep.equal([below('a'), below('b')]);
      expect(await post(fetch, 'c')).to.equal('done c');
      expect(memory.traces.at(-1)?.name).to.equal('handler c'); // nothing was current
    });
  }

  it('P36 puts the spans of a streamed answer of Hono below the caller, too', async () => {
    await listen(await honoServer());
    await withTrace('a', () =>
      withSpan('call', async () =>
        expect(await (await injectingFetch()(`${url}/stream`)).json()).to.equal('done stream'),
      ),
    );
    expect(trees()).to.deep.equal([below('a', 'stream')]);
  });
});
