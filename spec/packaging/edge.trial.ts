import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { chromium } from 'playwright-core';
import { type Provider, startProvider } from '../support/provider.js';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { linkProviders, type Project, printed, startProject } from '../support/trial.js';
import { root } from '../support/user-project.js';
import { chatStream } from '../wrappers/support/openai-chat-wire.js';
import { miniflareVersion, startWorker, type Worker } from './workerd.js';

const versions = { miniflare: miniflareVersion, vite: '8.3.8' };

/** Records for two tenants: with decorators, bodies and a wrapped client that streams. Sends through `waitUntil`. */
const program = `
  import OpenAI from 'openai';
  import { Client, flushAfter, getClient, init, span, trace, withSpan, withTrace } from 'pandaprobe-ts';
  import { wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';

  const pause = () => new Promise((resolve) => setTimeout(resolve, 2));

  class Agent {
    @span({ kind: 'TOOL' }) async search(word) { await pause(); return word; }
    @trace() async ask(word) { await pause(); await this.search(word); await withSpan('again', () => this.search(word)); return word; }
  }

  async function chat(env, model = 'plain', signal) {
    const openai = wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: env.PROVIDER + '/v1' }));
    const messages = [{ role: 'user', content: 'Hello' }];
    let said = '';
    for await (const { choices } of await openai.chat.completions.create({ model, messages, stream: true }, { signal })) {
      said += choices[0]?.delta.content ?? '';
    }
    return said;
  }

  const routes = {
    '/ask': () => new Agent().ask('word'),
    '/chat': (env) => withTrace('chat', () => chat(env)),
    '/abort': (env) => withTrace('abort', () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 20);
      return chat(env, 'hang', controller.signal).catch(({ message }) => message);
    }),
    '/refused': (env) => withTrace('refused', () => chat(env, 'refused')),
    '/fail': () => withTrace('fail', () => withSpan('step', async () => { await pause(); throw new Error('on purpose'); })),
    '/named': () => withTrace('named', async (t) => {
      await pause();
      await t.withSpan('plan', async (plan) => { await pause(); await plan.withSpan('search', pause); });
      const handle = t.span('handle');
      await pause();
      handle.span('inner').end();
      handle.end();
    }),
    // Nobody flushes, and no context is given: the trace ends after the answer.
    '/bare': async () => {
      const t = getClient().trace('bare');
      await t.withSpan('step', pause);
      return new ReadableStream({
        async pull(controller) { await pause(); t.end(); controller.enqueue(new TextEncoder().encode('streamed')); controller.close(); },
      }, { highWaterMark: 0 });
    },
    '/leave': async () => {
      withTrace('left', () => {});
      void getClient().flush({ timeoutMs: 200 });
      await pause();
    },
  };

  let isReady = false;
  const clients = new Map();
  function clientOf(tenant, endpoint) {
    const client = clients.get(tenant) ?? new Client({ apiKey: 'sk_pp_' + tenant, projectName: tenant, endpoint });
    clients.set(tenant, client);
    return client;
  }

  export default {
    async fetch(request, env, ctx) {
      const { pathname, searchParams } = new URL(request.url);
      const tenant = searchParams.get('tenant');
      if (tenant !== null) {
        const client = clientOf(tenant, env.PANDAPROBE_ENDPOINT);
        await client.trace('of ' + tenant).run(async (t) => {
          for (const step of ['one', 'two', 'three']) { await pause(); await t.withSpan(step + ' of ' + tenant, pause); }
        });
        ctx.waitUntil(client.flush());
        return new Response('ok');
      }
      isReady ||= Boolean(init({ projectName: 'trial' }, env));
      const run = routes[pathname];
      if (pathname === '/bare') return new Response(await run());
      if (pathname === '/kept') return flushAfter(() => withTrace('kept', () => new Response('kept')), { timeoutMs: 20_000 })();
      if (pathname === '/leave') return new Response(String(await run(env)));
      const handler = flushAfter(async () => new Response(String(await run(env))), { context: () => ctx });
      return handler().catch((error) => new Response(error.message));
    },
  };`;

describe('On an edge runtime the package', () => {
  let project: Project;
  let receiver: Receiver;
  let provider: Provider;
  let worker: Worker | undefined;
  before(async function () {
    project = await startProject(this, versions);
    await linkProviders(project);
    await project.write({ 'package.json': '{ "private": true, "type": "module" }', 'worker.mjs': program });
    provider = await startProvider(({ body }) => {
      const { model } = body as { model: string };
      if (model === 'hang') return { kind: 'hang' };
      if (model === 'refused') return { kind: 'json', status: 400, body: { error: { message: 'no such model' } } };
      return chatStream({ model: 'plain', messages: [], stream: true });
    });
  });
  after(async () => {
    await provider?.[Symbol.asyncDispose]();
    await project?.remove();
  });
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await worker?.dispose();
    worker = undefined;
    await receiver.close();
  });

  async function start(...compatibilityFlags: string[]): Promise<(path: string) => Promise<string>> {
    worker = await startWorker(project, 'worker.mjs', {
      compatibilityFlags,
      bindings: { PANDAPROBE_API_KEY: 'sk_pp_key', PANDAPROBE_ENDPOINT: receiver.url, PROVIDER: provider.url },
    });
    return worker.ask;
  }

  async function trees(count: number): Promise<string[]> {
    await receiver.until(() => receiver.traces.length >= count);
    return receiver.traces.map(treeOf).toSorted();
  }

  for (const flag of ['nodejs_compat', 'nodejs_als']) {
    it(`nests and delivers in Workers with ${flag}: decorators, bodies, a stream, errors, aborts, many requests at once`, async () => {
      const ask = await start(flag);
      const paths = ['/ask', '/ask', '/chat', '/fail', '/named', '/ask', '/abort', '/refused'];
      const answers = await Promise.all(paths.map((path) => ask(path)));
      const said = answers[2];
      const failed = ['Request was aborted.', '400 no such model'];
      expect(answers).to.deep.equal(['word', 'word', said, 'on purpose', 'undefined', 'word', ...failed]);
      expect(said).to.have.length.greaterThan(0);
      expect(await trees(paths.length)).to.deep.equal([
        'abort(openai-chat)',
        ...Array(3).fill('ask(search, again(search))'),
        'chat(openai-chat)',
        'fail(step)',
        'named(plan(search), handle(inner))',
        'refused(openai-chat)',
      ]);
      expect(receiver.trace('fail').status).to.equal('ERROR');
      expect(receiver.trace('abort').spans[0]?.status).to.equal('ERROR');
      expect(receiver.trace('refused').spans[0]?.error).to.include('no such model');
      expect(receiver.trace('refused').status).to.equal('ERROR');
      expect(JSON.stringify(receiver.trace('chat').spans[0]?.output)).to.include(said);
      expect(receiver.requests.map(({ status }) => status)).to.deep.equal(Array(paths.length).fill(202));
    });
  }

  it('records in Workers without any flag what has a named parent, and what runs before the first await', async () => {
    const ask = await start();
    expect(await Promise.all(['/chat', '/fail', '/named'].map((path) => ask(path)))).to.have.lengthOf(3);
    expect(await trees(3)).to.deep.equal(['chat(openai-chat)', 'fail(step)', 'named(plan(search), handle(inner))']);
  });

  it('keeps the tenants of one isolate apart, with and without a store of what is current', async () => {
    for (const flags of [['nodejs_compat'], []]) {
      const ask = await start(...flags);
      const tenants = ['a', 'b', 'c', 'a', 'b', 'c'];
      const before = receiver.traces.length;
      await Promise.all(tenants.map((tenant) => ask(`/?tenant=${tenant}`)));
      const found = (await trees(before + tenants.length)).slice(before);
      expect(found).to.have.lengthOf(tenants.length);
      await worker?.dispose();
      worker = undefined;
    }
    for (const { headers, body } of receiver.requests) {
      const { name } = body as { name: string };
      const tenant = headers['x-project-name'];
      expect(headers['x-api-key']).to.equal(`sk_pp_${tenant}`);
      expect(name).to.equal(`of ${tenant}`);
      const wanted = `of ${tenant}(one of ${tenant}, two of ${tenant}, three of ${tenant})`;
      expect(receiver.traces.filter((trace) => trace.name === name).map(treeOf)).to.deep.equal(Array(4).fill(wanted));
    }
  });

  it("needs no context with nodejs_compat: what a request records is sent through the runtime's own waitUntil", async () => {
    const ask = await start('nodejs_compat');
    expect(await ask('/bare')).to.equal('streamed');
    expect(await trees(1)).to.deep.equal(['bare(step)']);
    // An answer that had to wait for the flush would come after twenty seconds.
    receiver.behave = () => 'hang';
    expect(
      await Promise.race([ask('/kept'), new Promise((resolve) => setTimeout(resolve, 15_000, 'held up').unref())]),
    ).to.equal('kept');
    await receiver.until(() => receiver.requests.length === 2);
  });

  it('sends in a later request what a request has left behind that was ended while it sent', async () => {
    const ask = await start('nodejs_compat');
    receiver.behave = () => (receiver.requests.length === 1 ? 'hang' : undefined);
    await ask('/leave');
    await receiver.until(() => receiver.requests.length === 1);
    const isThere = () => receiver.traces.some(({ name }) => name === 'left');
    // It is taken for gone a second after its time; each of these requests flushes.
    for (let tries = 0; tries < 1000 && !isThere(); tries += 1) await ask('/named');
    expect(isThere()).to.equal(true);
  });

  it('runs in a page as without it, with one line on the console', async function () {
    const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
    if (!existsSync(executablePath)) return this.skip();
    await project.write({
      'page.mjs': readFileSync(join(root, 'spec/packaging/page-program.mjs'), 'utf8'),
      'index.html': '<!doctype html><title>page</title><script type="module" src="/page.mjs"></script>',
      'build.mjs': `
        await (await import('vite')).build({
          configFile: false, logLevel: 'warn', build: { outDir: 'out', target: 'es2022', modulePreload: false },
        });
        const { readdirSync, readFileSync } = await import('node:fs');
        const [file] = readdirSync('out/assets').filter((name) => name.endsWith('.js'));
        process.stdout.write(readFileSync('out/assets/' + file, 'utf8'));`,
    });
    const content = await printed(project.node(['build.mjs']));
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      const lines: string[] = [];
      page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => lines.push(`thrown: ${error.message}`));
      await page.addScriptTag({ content, type: 'module' });
      await page.waitForEvent('console', { predicate: (m) => m.type() === 'log', timeout: 30_000 }).catch(() => {});
      expect(lines).to.deep.equal([
        'warning: [pandaprobe] nothing is recorded in a browser or on a device, where your key must not be: record on your server',
        'log: ["value",2,5,3,"completion",true,false,true]',
      ]);
    } finally {
      await browser.close();
    }
  });
});
