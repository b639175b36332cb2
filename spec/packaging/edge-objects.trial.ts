import { createServer, type IncomingHttpHeaders } from 'node:http';
import { expect } from 'chai';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { type Project, startProject } from './trial.js';
import { miniflareVersion, startWorker, type Worker } from './workerd.js';

/** A Durable Object whose traces last for longer than a request, and nobody flushes unless `FLUSH` is set. */
const objects = `
  import { DurableObject } from 'cloudflare:workers';
  import { flush, getClient, init, session, startTrace, withSpan, withTrace } from 'pandaprobe-ts';
  import { inject, withRemoteParent } from 'pandaprobe-ts/propagation';

  const pause = () => new Promise((resolve) => setTimeout(resolve, 2));
  let isReady = false;

  export class Room extends DurableObject {
    constructor(ctx, env) {
      super(ctx, env);
      isReady ||= Boolean(init({}, env));
    }

    #routes = {
      '/open': async () => { this.kept = startTrace('kept'); await this.kept.withSpan('first', pause); },
      '/more': () => this.kept.withSpan('more', pause),
      '/end': () => { this.kept.end(); },
      '/lose': () => { startTrace('lost').span('open'); },
      '/evict': () => this.ctx.abort('evicted'),
      '/begin': () => withTrace('begun', () => this.ctx.storage.put('carrier', inject())),
      '/go-on': async () => withRemoteParent(await this.ctx.storage.get('carrier'), () => withSpan('resumed', pause)),
      '/alarm': () => this.ctx.storage.setAlarm(Date.now() + 5),
      '/flush': async () => String((await flush()).ok),
      '/own': () => session('room', () => withTrace('own', () => withSpan('step', pause))),
    };

    async fetch(request) {
      return new Response(String(await this.#routes[new URL(request.url).pathname]()));
    }

    async alarm() {
      await withTrace('alarm', () => withSpan('work', pause));
      await flush();
    }

    say(word) {
      return withTrace('called', () => withSpan('said', async () => word));
    }
  }

  export default {
    async fetch(request, env) {
      const room = env.ROOM.get(env.ROOM.idFromName('one'));
      if (new URL(request.url).pathname === '/call') return new Response(await room.say('hello'));
      return room.fetch(request).catch((error) => new Response(error.message));
    },
  };`;

/** Sends by OTLP, carries a trace to another server, and is left by its callers. */
const others = `
  import { flushAfter, getClient, init, withSpan, withTrace } from 'pandaprobe-ts';
  import { OtlpSink } from 'pandaprobe-ts/otlp';
  import { honoMiddleware, injectingFetch, withRemoteParent } from 'pandaprobe-ts/propagation';
  import { PlatformClient } from 'pandaprobe-ts/platform';

  const pause = () => new Promise((resolve) => setTimeout(resolve, 2));
  let isReady = false;
  const routes = {
    '/run': () => withTrace('run', () => withSpan('step', pause)),
    '/many': async () => {
      for (let at = 0; at < 60; at += 1) withTrace('t' + at, () => {});
      return JSON.stringify(await getClient().flush());
    },
    '/out': (env) => withTrace('out', async () => (await injectingFetch()(env.OTHER)).text()),
    '/in': (env, request) => withRemoteParent(Object.fromEntries(request.headers), () => withSpan('inside', pause)),
    '/list': (env) => new PlatformClient({}, env).traces.list().then(({ total }) => total, ({ code }) => code),
    '/abort': () => withTrace('left', async () => {
      const controller = new AbortController();
      const running = withSpan('cut', () => fetch('http://127.0.0.1:1/', { signal: controller.signal }));
      controller.abort(new Error('left by the caller'));
      return running;
    }),
  };
  export default {
    async fetch(request, env, ctx) {
      const sinks = env.OTLP === undefined ? undefined : [new OtlpSink({}, env)];
      isReady ||= Boolean(init({ sinks }, env));
      const { pathname } = new URL(request.url);
      const answer = flushAfter(async () => new Response(String(await routes[pathname](env, request))), { context: () => ctx });
      return answer().catch((error) => new Response(error.message));
    },
  };`;

describe('In Cloudflare Workers the package', () => {
  let project: Project;
  let receiver: Receiver;
  let worker: Worker | undefined;
  before(async function () {
    project = await startProject(this, { miniflare: miniflareVersion });
    await project.write({
      ...{ 'package.json': '{ "private": true, "type": "module" }' },
      ...{ 'objects.mjs': objects, 'others.mjs': others },
    });
  });
  after(() => project?.remove());
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await worker?.dispose();
    worker = undefined;
    await receiver.close();
  });

  async function start(program: string, flags: string[], more: Record<string, string> = {}): Promise<Worker['ask']> {
    worker = await startWorker(project, program, {
      compatibilityFlags: flags,
      durableObjects: program === 'objects.mjs' ? { ROOM: 'Room' } : {},
      bindings: {
        ...{ PANDAPROBE_API_KEY: 'sk_pp_key', PANDAPROBE_PROJECT_NAME: 'trial', PANDAPROBE_ENDPOINT: receiver.url },
        ...more,
      },
    });
    return worker.ask;
  }

  async function trees(count: number): Promise<string[]> {
    await receiver.until(() => receiver.traces.length >= count);
    return receiver.traces.map(treeOf).toSorted();
  }

  for (const flags of [['nodejs_compat'], []]) {
    describe(`in a Durable Object, ${flags[0] ?? 'without flags'},`, () => {
      it('keeps a handle over several requests, and delivers the trace when it has ended, also when nobody flushes', async () => {
        const ask = await start('objects.mjs', flags);
        for (const path of ['/open', '/more', '/more', '/end']) await ask(path);
        expect(await trees(1)).to.deep.equal(['kept(first, more, more)']);
      });

      it('delivers what an alarm and what a call by another Worker record', async () => {
        const ask = await start('objects.mjs', flags);
        await ask('/alarm');
        expect(await ask('/call')).to.equal('hello');
        expect(await trees(2)).to.deep.equal(['alarm(work)', 'called(said)']);
      });

      it('loses with an eviction what is open, and nothing else', async () => {
        const ask = await start('objects.mjs', flags);
        await ask('/own');
        expect(await ask('/flush')).to.equal('true');
        await ask('/lose');
        expect(await ask('/evict')).to.equal('evicted');
        await ask('/own');
        expect(await ask('/flush')).to.equal('true');
        expect(await trees(2)).to.deep.equal(['own(step)', 'own(step)']);
      });

      it('goes on with a trace after an eviction, by what was stored of it', async () => {
        const ask = await start('objects.mjs', flags);
        await ask('/begin');
        expect(await ask('/flush')).to.equal('true');
        await ask('/evict');
        await ask('/go-on');
        expect(await ask('/flush')).to.equal('true');
        expect(await trees(1)).to.deep.equal(['begun(resumed)']);
      });
    });
  }

  it('sends over OTLP many traces in a request, and more than a Worker may make requests', async () => {
    const collector: OtlpReceiver = await startOtlpReceiver();
    try {
      const ask = await start('others.mjs', ['nodejs_compat'], {
        ...{ OTLP: 'yes', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'edge' },
      });
      expect(JSON.parse(await ask('/many'))).to.include({ ok: true, delivered: 60, pending: 0 });
      await ask('/run');
      await receiverHas(collector, 'step');
      expect(collector.exports.length).to.be.at.most(32);
      expect(collector.exports[0]?.headers['content-encoding']).to.equal('gzip');
      const [run, step] = ['run', 'step'].map((name) => collector.spans.find((span) => span.name === name));
      expect(step?.parentId).to.equal(run?.spanId);
      expect(receiver.requests).to.have.lengthOf(0);
    } finally {
      await collector[Symbol.asyncDispose]();
    }
  });

  it('makes one trace of what two Workers record', async () => {
    const carried: IncomingHttpHeaders[] = [];
    const between = createServer((request, response) => {
      carried.push(request.headers);
      response.end('said');
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    const address = between.address();
    try {
      const outer = await start('others.mjs', ['nodejs_compat'], {
        OTHER: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`,
      });
      expect(await outer('/out')).to.equal('said');
      expect(await trees(1)).to.deep.equal(['out']);
      await worker?.dispose();
      const inner = await start('others.mjs', ['nodejs_compat']);
      await inner('/in', { traceparent: String(carried[0]?.traceparent), tracestate: String(carried[0]?.tracestate) });
      await receiver.until(() => receiver.trace('out').spans.length > 0);
      expect(await trees(1)).to.deep.equal(['out(inside)']);
    } finally {
      between.closeAllConnections();
      await new Promise((resolve) => between.close(resolve));
    }
  });

  it('records what is aborted, and reads traces back with the settings of the bindings', async () => {
    const ask = await start('others.mjs', ['nodejs_compat']);
    expect(await ask('/abort')).to.equal('left by the caller');
    expect(await trees(1)).to.deep.equal(['left(cut)']);
    expect(receiver.trace('left')).to.include({ status: 'ERROR' });
    expect(receiver.trace('left').spans[0]?.error).to.include('left by the caller');
    await ask('/list');
    const read = receiver.requests.find(({ call }) => !call.startsWith('POST'));
    expect(read?.headers).to.include({ 'x-api-key': 'sk_pp_key', 'x-project-name': 'trial' });
  });
});

async function receiverHas({ spans }: OtlpReceiver, name: string): Promise<void> {
  const until = performance.now() + 20_000;
  while (!spans.some((span) => span.name === name) && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
