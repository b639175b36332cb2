import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
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
};

describe('A Next.js server', () => {
  let project: Project;
  let receiver: Receiver;
  before(async function () {
    project = await startProject(this, { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' });
    // Turbopack follows nothing out of its root, and the packages lie one folder up.
    const config = `export default { turbopack: { root: ${JSON.stringify(project.home)} } };`;
    await project.write({ ...files, 'next.config.mjs': config });
    receiver = await startReceiver();
  });
  after(async () => {
    await receiver?.close();
    await project?.remove();
  });

  it('builds with the package and delivers what its pages and routes record', async () => {
    const next = join(project.home, 'node_modules/next/dist/bin/next');
    const quiet = { NEXT_TELEMETRY_DISABLED: '1' };
    const { code, stdout, stderr } = await project.node([next, 'build'], quiet);
    expect(code, stdout + stderr).to.equal(0);
    expect(stdout + stderr).not.to.match(/warn/i);

    const port = await freePort();
    const env = { PATH: process.env.PATH ?? '', ...quiet, ...settingsFor(receiver.url) };
    const server = spawn(process.execPath, [next, 'start', '-p', String(port)], { cwd: project.folder, env });
    try {
      let said = '';
      await new Promise<void>((resolve, reject) => {
        server.stdout.on('data', (chunk: Buffer) => {
          said += chunk;
          if (said.includes('Ready')) resolve();
        });
        server.once('exit', () => reject(new Error(`next start ended:\n${said}`)));
      });
      const route = await fetch(`http://127.0.0.1:${port}/run`);
      expect(await route.json()).to.deep.equal({ said: 'hello from the route', ok: true });
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).to.include('hello from the page');
      server.kill('SIGTERM');
      await receiver.until(() => receiver.traces.length === 2);
      expect(receiver.traces.map(treeOf).toSorted()).to.deep.equal(['page', 'route(step)']);
    } finally {
      server.kill('SIGKILL');
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  await new Promise((resolve) => server.close(resolve));
  return port;
}
