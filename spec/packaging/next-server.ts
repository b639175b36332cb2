import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Context } from 'mocha';
import { type Project, startProject } from '../support/trial.js';
import { root } from '../support/user-project.js';
import { type RunServer, runServer } from './run-server.js';

const { version: openai } = JSON.parse(readFileSync(join(root, 'node_modules/openai/package.json'), 'utf8'));

/** What is installed, by the major version of Next.js. Turbopack takes nothing from out of its root, so that openai is, too. */
const versions = {
  14: { next: '14.2.8', react: '18.3.1', 'react-dom': '18.3.1', openai },
  16: { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1', openai },
} as const;

/** What `next build` is given. */
export interface NextBuild {
  readonly version: keyof typeof versions;
  readonly files: Readonly<Record<string, string>>;
  /** More settings for next.config.mjs. */
  readonly config?: object;
  /** More arguments. */
  readonly args?: readonly string[];
}

/** An application that `output: 'standalone'` has made, in a folder of its own. */
export interface NextServer {
  serve: RunServer;
  remove(): Promise<void>;
}

const quiet = { NEXT_TELEMETRY_DISABLED: '1' };
const page = 'export default function Layout({ children }) { return <html><body>{children}</body></html>; }';

/** Builds an application with the packed package. It fails where Next.js warns of anything. */
export async function buildNext(
  context: Context,
  { version, files, config, args = [] }: NextBuild,
): Promise<NextServer> {
  const project = await startProject(context, versions[version]);
  try {
    await project.write({
      'package.json': '{ "private": true }',
      'app/layout.js': page,
      ...files,
      'next.config.mjs': `export default ${JSON.stringify({ output: 'standalone', ...rootsOf(project, version), ...config })};`,
    });
    const next = join(project.home, 'node_modules/next/dist/bin/next');
    const { code, stdout, stderr } = await project.node([next, 'build', ...args], quiet);
    if (code !== 0 || /warn/i.test(stdout + stderr))
      throw new Error(`next build ended with ${code}:\n${stdout}${stderr}`);
    const folder = await mkdtemp(join(tmpdir(), 'standalone-'));
    await cp(join(project.folder, '.next/standalone'), folder, { recursive: true, verbatimSymlinks: true });
    return {
      serve: (env, use) =>
        runServer(join(folder, basename(project.folder), 'server.js'), 'Ready', { ...quiet, ...env }, use),
      remove: () => rm(folder, { recursive: true, force: true }),
    };
  } finally {
    await project.remove();
  }
}

/** Turbopack follows nothing out of its root, and the packages lie one folder up. */
function rootsOf({ home }: Project, version: number): object {
  if (version < 15) return { experimental: { outputFileTracingRoot: home } };
  return { turbopack: { root: home }, outputFileTracingRoot: home };
}
