import { builtinModules, createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Project } from '../support/trial.js';

/** The version that Workers are tried with. */
export const miniflareVersion = '4.20250906.0';

/** A Worker that runs in workerd. */
export interface Worker {
  /** Its address for requests over HTTP. */
  readonly url: string;
  /** Asks for a path, and gives the text of the answer. */
  ask(path: string, headers?: Readonly<Record<string, string>>): Promise<string>;
  dispose(): Promise<void>;
}

/** The part of Miniflare in use. */
interface Started {
  readonly ready: Promise<URL>;
  dispatchFetch(url: string, init: object): Promise<{ text(): Promise<string> }>;
  dispose(): Promise<void>;
}

/** What a Worker gets from its configuration. */
export interface WorkerOptions {
  readonly compatibilityFlags?: readonly string[];
  readonly bindings?: Readonly<Record<string, string>>;
  /** Classes of Durable Objects by binding. */
  readonly durableObjects?: Readonly<Record<string, string | object>>;
  /** @defaultValue a day of September 2025 */
  readonly compatibilityDate?: string;
}

/** Bundles `program` as Wrangler does. It is a file in the project's folder. */
export async function bundleWorker(project: Project, program: string): Promise<string> {
  const { outputFiles } = await build({
    ...{ entryPoints: [join(project.folder, program)], bundle: true, write: false, format: 'esm' },
    ...{ platform: 'browser', target: 'es2022', conditions: ['workerd', 'worker', 'browser'], logLevel: 'error' },
    external: ['cloudflare:*', 'node:*'],
    // The rest is what Wrangler does, too.
    alias: Object.fromEntries(
      builtinModules.filter((name) => /^[a-z]/.test(name)).map((name) => [name, `node:${name}`]),
    ),
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0]?.text ?? '';
}

/** Starts `program` in workerd. */
export async function startWorker(project: Project, program: string, options: WorkerOptions = {}): Promise<Worker> {
  const contents = await bundleWorker(project, program);
  const { Miniflare } = createRequire(join(project.home, 'package.json'))('miniflare');
  const started: Started = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.mjs', contents }],
    ...{ compatibilityDate: '2025-09-01', ...options },
  });
  const { href: url } = await started.ready;
  return {
    url,
    ask: async (path, headers = {}) =>
      (await started.dispatchFetch(`http://worker.invalid${path}`, { headers })).text(),
    dispose: () => started.dispose(),
  };
}
