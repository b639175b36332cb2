import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { transformSync } from 'esbuild';
import { type Provider, startProvider } from '../support/provider.js';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { settingsFor } from '../support/trial.js';
import { root } from '../support/user-project.js';
import { chatStream } from '../wrappers/support/openai-chat-wire.js';
import { buildNext, type NextServer } from './next-server.js';

const agent = `
  import { span, trace, withSpan } from 'pandaprobe-ts';
  const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
  export class Agent {
    @span({ kind: 'TOOL' }) async search(word) { await pause(); return word; }
    @trace() async ask(word) { await pause(); await this.search(word); return withSpan('again', () => this.search(word)); }
  }`;

/** A route is compiled by itself, and its settings come from the variables. */
const route = (body: string, imports = '') => `
  import OpenAI from 'openai';
  import { flushAfter, startTrace, withSpan, withTrace } from 'pandaprobe-ts';
  import { wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';
  ${imports}
  export const runtime = 'edge';
  export const dynamic = 'force-dynamic';
  const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
  const openai = () => wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: process.env.PROVIDER + '/v1' }));
  const messages = [{ role: 'user', content: 'Hello' }];
  const start = (model = 'plain', signal) => openai().chat.completions.create({ model, messages, stream: true }, { signal });
  async function read(stream) {
    let said = '';
    for await (const { choices } of stream) said += choices[0]?.delta.content ?? '';
    return said;
  }
  ${body}`;

const files = {
  'app/agent.js': agent,
  'app/ask/route.js': route(
    `export const GET = flushAfter(async (request) =>
       Response.json(await new Agent().ask(new URL(request.url).searchParams.get('word'))));`,
    `import { Agent } from '../agent';`,
  ),
  'app/chat/route.js': route(`export const GET = flushAfter(async () =>
    Response.json(await withTrace('chat', async () => read(await start()))));`),
  'app/body/route.js': route(`export const GET = flushAfter(async (request) => {
    const word = new URL(request.url).searchParams.get('word');
    return withTrace('body ' + word, async () => {
      await pause();
      await withSpan('plan ' + word, () => withSpan('search ' + word, pause));
      await pause();
      await withSpan('answer ' + word, pause);
      return Response.json(word);
    });
  });`),
  'app/tenant/route.js': route(
    `const clients = new Map();
     function clientOf(tenant) {
       const given = { apiKey: 'sk_pp_' + tenant, projectName: tenant };
       const client = clients.get(tenant) ?? new Client(given, { PANDAPROBE_ENDPOINT: process.env.PANDAPROBE_ENDPOINT });
       clients.set(tenant, client);
       return client;
     }
     export async function GET(request) {
       const tenant = new URL(request.url).searchParams.get('tenant');
       const client = clientOf(tenant);
       await client.trace('of ' + tenant).run(async () => {
         for (const step of ['one', 'two']) { await pause(); await withSpan(step + ' of ' + tenant, pause); }
       });
       await client.flush();
       return Response.json(tenant);
     }`,
    `import { Client } from 'pandaprobe-ts';`,
  ),
  'app/fail/route.js': route(`export const GET = flushAfter(() => withTrace('fail', () => withSpan('step', async () => {
    await pause();
    throw new Error('on purpose');
  })));`),
  // Nobody flushes, and the trace ends after the answer has begun.
  'app/bare/route.js': route(`export const GET = async () => {
    const t = startTrace('bare');
    await t.withSpan('step', pause);
    const stream = new ReadableStream({
      async pull(controller) {
        await pause();
        t.end();
        controller.enqueue(new TextEncoder().encode('streamed'));
        controller.close();
      },
    }, { highWaterMark: 0 });
    return new Response(stream);
  };`),
  'app/kept/route.js': route(`export const GET = flushAfter(
    () => withTrace('kept', () => Response.json('kept')),
    { timeoutMs: 20_000 },
  );`),
  'app/sample/route.js': transformSync(readFileSync(join(root, 'samples/edge/next-route.ts'), 'utf8'), { loader: 'ts' })
    .code,
  'app/abort/route.js':
    route(`export const GET = flushAfter(async () => Response.json(await withTrace('abort', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    return start('hang', controller.signal).catch(({ message }) => message);
  })));`),
};

/** The program calls Next.js's own `after`, which version 14 has not. */
const ofNext16 = {
  'app/after/route.js': route(
    `export async function GET() {
       after(() => flush());
       return withTrace('after', () => Response.json('answered'));
     }`,
    `import { after } from 'next/server'; import { flush } from 'pandaprobe-ts';`,
  ),
};

/** Turbopack takes decorators as they are; webpack needs the setting for them. */
const compiler = { 'jsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }' };

const builds = [
  { name: 'Next.js 16, built by Turbopack', version: 16, files: { ...files, ...ofNext16 } },
  { name: 'Next.js 14, built by webpack', version: 14, files: { ...files, ...compiler } },
] as const;

for (const { name, ...build } of builds) {
  describe(`In the edge routes of ${name} the package`, () => {
    let server: NextServer | undefined;
    let receiver: Receiver;
    let provider: Provider;
    before(async function () {
      server = await buildNext(this, build);
      provider = await startProvider(({ body }) =>
        (body as { model: string }).model === 'hang'
          ? { kind: 'hang' }
          : chatStream({ model: 'plain', messages: [], stream: true }),
      );
    });
    after(async () => {
      await provider?.[Symbol.asyncDispose]();
      await server?.remove();
    });
    beforeEach(async () => {
      receiver = await startReceiver();
    });
    afterEach(() => receiver.close());

    async function serve(use: (get: (path: string) => Promise<Response>) => Promise<void>): Promise<string> {
      if (server === undefined) throw new Error('it was not built');
      const env = { ...settingsFor(receiver.url), PROVIDER: provider.url };
      const { said } = await server.serve(env, (url) => use((path) => fetch(`${url}${path}`)));
      return said;
    }

    it('nests and delivers: decorators, bodies, a stream, an error, an abort, many requests at once', async () => {
      const said = await serve(async (get) => {
        const paths = ['/ask?word=a', '/body?word=b', '/body?word=c', '/chat', '/fail', '/abort', '/ask?word=d'];
        const answers = await Promise.all(paths.map(get));
        expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200, 500, 200, 200]);
        const texts = await Promise.all(answers.map((answer) => answer.text()));
        expect(texts.toSpliced(4, 1)).to.deep.equal([
          ...['"a"', '"b"', '"c"', '"It is 21 °C"', '"Request was aborted."', '"d"'],
        ]);
        await receiver.until(() => receiver.traces.length >= paths.length);
      });
      expect(said).not.to.include('[pandaprobe]');
      expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal([
        'abort(openai-chat)',
        'ask(search, again(search))',
        'ask(search, again(search))',
        'body b(plan b(search b), answer b)',
        'body c(plan c(search c), answer c)',
        'chat(openai-chat)',
        'fail(step)',
      ]);
      expect(receiver.trace('fail').status).to.equal('ERROR');
      expect(receiver.trace('abort').spans[0]?.status).to.equal('ERROR');
      expect(JSON.stringify(receiver.trace('chat').spans[0]?.output)).to.include('It is 21 °C');
      expect(receiver.requests.map(({ status }) => status)).to.deep.equal(Array(7).fill(202));
    });

    it('keeps the tenants of one isolate apart', async () => {
      const tenants = ['a', 'b', 'c', 'a', 'b', 'c'];
      await serve(async (get) => {
        const answers = await Promise.all(tenants.map(async (name) => (await get(`/tenant?tenant=${name}`)).json()));
        expect(answers).to.deep.equal(tenants);
        await receiver.until(() => receiver.traces.length >= tenants.length);
      });
      for (const { headers, body } of receiver.requests) {
        const tenant = headers['x-project-name'];
        expect([headers['x-api-key'], (body as { name: string }).name]).to.deep.equal([
          `sk_pp_${tenant}`,
          `of ${tenant}`,
        ]);
      }
      const wanted = tenants.map((name) => `of ${name}(one of ${name}, two of ${name})`);
      expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal(wanted.toSorted());
    });

    it('delivers what nobody flushes', async () => {
      await serve(async (get) => {
        expect(await (await get('/bare')).text()).to.equal('streamed');
        await receiver.until(() => receiver.traces.length === 1);
      });
      expect(receiver.traces.map(treeOf)).to.deep.equal(['bare(step)']);
    });

    it('delivers the tree of the sample', async () => {
      await serve(async (get) => {
        expect(await (await get('/sample')).json()).to.deep.equal({ said: 'It is 21 °C.' });
        await receiver.until(() => receiver.traces.length === 1);
      });
      expect(receiver.traces.map(treeOf)).to.deep.equal(['turn(search, answer)']);
    });

    if (build.version >= 16) {
      it("delivers what the program flushes in Next.js's own after(), which does not hold up the answer", async () => {
        receiver.behave = () => 'hang';
        await serve(async (get) => {
          expect(await (await get('/after')).json()).to.equal('answered');
          await receiver.until(() => receiver.requests.length === 1);
          receiver.behave = () => 'accept';
        });
      });

      it('does not hold up the answer', async () => {
        receiver.behave = () => 'hang';
        await serve(async (get) => {
          // An answer that had to wait for the flush would come after twenty seconds.
          const late = new Promise((resolve) => setTimeout(resolve, 15_000, 'held up').unref());
          expect(await Promise.race([get('/kept').then((answer) => answer.json()), late])).to.equal('kept');
          await receiver.until(() => receiver.requests.length === 1);
          receiver.behave = () => 'accept';
        });
      });
    }
  });
}
