import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { type Project, settingsFor, startProject } from './trial.js';

const files = {
  'package.json': '{ "private": true }',
  'app/layout.js': 'export default function Layout({ children }) { return <html><body>{children}</body></html>; }',
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

const quiet = { NEXT_TELEMETRY_DISABLED: '1' };

for (const { name, args, config, files } of builds) {
  describe(`A Next.js server, built by ${name}`, () => {
    let project: Project;
    let receiver: Receiver;
    /** What `output: 'standalone'` makes, in a folder of its own. */
    let standalone: string;
    before(async function () {
      project = await startProject(this, { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' });
      // Turbopack follows nothing out of its root, and the packages lie one folder up.
      const roots = { turbopack: { root: project.home }, outputFileTracingRoot: project.home };
      const settings = JSON.stringify({ output: 'standalone', ...roots, ...config });
      await project.write({ ...files, 'next.config.mjs': `export default ${settings};` });
      const next = join(project.home, 'node_modules/next/dist/bin/next');
      const { code, stdout, stderr } = await project.node([next, 'build', ...args], quiet);
      expect(code, stdout + stderr).to.equal(0);
      expect(stdout + stderr).not.to.match(/warn/i);
      standalone = await mkdtemp(join(tmpdir(), 'standalone-'));
      await cp(join(project.folder, '.next/standalone'), standalone, { recursive: true, verbatimSymlinks: true });
      await project.remove();
    });
    after(async () => {
      await project?.remove();
      if (standalone !== undefined) await rm(standalone, { recursive: true, force: true });
    });
    beforeEach(async () => {
      receiver = await startReceiver();
    });
    afterEach(() => receiver.close());

    /** Starts the server, calls `use` with its address, ends it by SIGTERM if need be; gives its exit code and what it said. */
    async function serve(use: (url: string) => Promise<void>): Promise<{ code: number | string; said: string }> {
      const port = await freePort();
      const address = { HOSTNAME: '127.0.0.1', PORT: String(port), PANDAPROBE_EXIT_TIMEOUT: '60' };
      const env = { PATH: process.env.PATH ?? '', ...quiet, ...address, ...settingsFor(receiver.url) };
      const server = spawn(process.execPath, ['server.js'], { cwd: join(standalone, basename(project.folder)), env });
      const ended = once(server, 'close');
      let said = '';
      try {
        await new Promise<void>((resolve, reject) => {
          for (const stream of [server.stdout, server.stderr]) {
            stream.on('data', (chunk: Buffer) => {
              said += chunk;
              if (said.includes('Ready')) resolve();
            });
          }
          server.once('exit', () => reject(new Error(`the server ended:\n${said}`)));
        });
        await use(`http://127.0.0.1:${port}`);
        server.kill('SIGTERM');
        const [code, signal] = await ended;
        return { code: code ?? signal, said };
      } finally {
        server.kill('SIGKILL');
      }
    }

    it('delivers what its pages and routes record', async () => {
      await serve(async (url) => {
        expect(await (await fetch(`${url}/run`)).json()).to.deep.equal({ said: 'hello from the route', ok: true });
        expect(await (await fetch(url)).text()).to.include('hello from the page');
      });
      expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal(['page', 'route(step)']);
    });

    for (const ending of ['exit', 'throw', 'SIGTERM']) {
      it(`delivers 100 of 100 traces at ${ending}`, async () => {
        const { said } = await serve(async (url) => {
          // At exit there is no answer.
          await fetch(`${url}/end?ending=${ending}`).catch(() => undefined);
        });
        expect(said).not.to.include('[pandaprobe]');
        expect(receiver.traces).to.have.lengthOf(100);
      });
    }

    if ('app/agent/route.js' in files) {
      it('records decorated methods without a setting', async () => {
        await serve(async (url) => {
          expect(await (await fetch(`${url}/agent`)).json()).to.deep.equal({ said: 'answer to why', ok: true });
        });
        expect(receiver.traces.map(treeOf)).to.deep.equal(['agent(parts, check, answer)']);
      });
    }
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  await new Promise((resolve) => server.close(resolve));
  return port;
}
