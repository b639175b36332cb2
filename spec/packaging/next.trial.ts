import { expect } from 'chai';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { settingsFor } from '../support/trial.js';
import { buildNext, type NextServer } from './next-server.js';

const files = {
  'app/page.js': `
    import { withTrace } from 'pandaprobe-ts';
    export const dynamic = 'force-dynamic';
    export default async function Page() {
      return <p>{await withTrace('page', async () => 'hello from the page')}</p>;
    }`,
  'app/run/route.js': `
    import { flush, withSpan, withTrace } from 'pandaprobe-ts';
    export const dynamic = 'force-dynamic';
    export async function GET() {
      const said = await withTrace('route', () => withSpan('step', async () => 'hello from the route'));
      const { ok } = await flush();
      return Response.json({ said, ok });
    }`,
  'app/end/route.js': `
    import { withSpan, withTrace } from 'pandaprobe-ts';
    export const dynamic = 'force-dynamic';
    export async function GET(request) {
      const ending = new URL(request.url).searchParams.get('ending');
      for (let number = 0; number < 100; number += 1) withTrace('trace ' + number, () => withSpan('step', () => number));
      if (ending === 'exit') process.exit(3);
      if (ending === 'throw') {
        // Next.js survives what nobody catches, unless the program decides otherwise.
        process.removeAllListeners('uncaughtException');
        setImmediate(() => { throw new Error('on purpose'); });
      }
      return new Response('recorded');
    }`,
};

/** With decorators in Next.js's own dialect. */
const decorated = {
  'app/agent/route.js': `
    import { flush, span, trace } from 'pandaprobe-ts';
    export const dynamic = 'force-dynamic';
    class Agent {
      @trace({ name: 'agent', tags: ['next'] })
      async run(question) {
        for await (const part of this.parts(question)) Agent.check(part);
        return this.answer(question);
      }
      @span({ kind: 'LLM' }) async answer(question) { return 'answer to ' + question; }
      @span async *parts(text) { yield text; }
      @span static check(part) { return part.length; }
    }
    export async function GET() {
      const said = await new Agent().run('why');
      return Response.json({ said, ok: (await flush()).ok });
    }`,
};

const builds = [
  { name: 'Turbopack', args: [], config: {}, files: { ...files, ...decorated } },
  { name: 'Turbopack, the package external', args: [], config: { serverExternalPackages: ['pandaprobe-ts'] }, files },
  { name: 'webpack', args: ['--webpack'], config: {}, files },
];

for (const { name, args, config, files } of builds) {
  describe(`A Next.js server, built by ${name}`, () => {
    let server: NextServer | undefined;
    let receiver: Receiver;
    before(async function () {
      server = await buildNext(this, { version: 16, files, config, args });
    });
    after(() => server?.remove());
    beforeEach(async () => {
      receiver = await startReceiver();
    });
    afterEach(() => receiver.close());

    const serve: NextServer['serve'] = (env, use) => {
      if (server === undefined) throw new Error('it was not built');
      return server.serve({ PANDAPROBE_EXIT_TIMEOUT: '60', ...settingsFor(receiver.url), ...env }, use);
    };

    it('delivers what its pages and routes record', async () => {
      await serve({}, async (url) => {
        expect(await (await fetch(`${url}/run`)).json()).to.deep.equal({ said: 'hello from the route', ok: true });
        expect(await (await fetch(url)).text()).to.include('hello from the page');
      });
      expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal(['page', 'route(step)']);
    });

    for (const ending of ['exit', 'throw', 'SIGTERM']) {
      it(`delivers 100 of 100 traces at ${ending}`, async () => {
        const { said } = await serve({}, async (url) => {
          // At exit there is no answer.
          await fetch(`${url}/end?ending=${ending}`).catch(() => undefined);
        });
        expect(said).not.to.include('[pandaprobe]');
        expect(receiver.traces).to.have.lengthOf(100);
      });
    }

    if ('app/agent/route.js' in files) {
      it('records decorated methods without a setting', async () => {
        await serve({}, async (url) => {
          expect(await (await fetch(`${url}/agent`)).json()).to.deep.equal({ said: 'answer to why', ok: true });
        });
        expect(receiver.traces.map(treeOf)).to.deep.equal(['agent(parts, check, answer)']);
      });
    }
  });
}
