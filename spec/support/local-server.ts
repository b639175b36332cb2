import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalServer, type LocalServerOptions, startLocalServer } from '../../lib/local/server/server.js';

/** The top of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'dist/esm/cli.js');

/** The answer to a call. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Specs compare its content, so a wrong shape fails there.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
}

/** A local server in this process, and calls to it. */
export interface Running extends AsyncDisposable {
  readonly server: LocalServer;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
}

/** Headers every call of the backend needs. */
export const known = { 'X-API-Key': 'any', 'X-Project-Name': 'spec', 'Content-Type': 'application/json' };

/** Starts a server on a free port, in memory unless a file is named. */
export async function startRunning(options: Partial<LocalServerOptions> = {}): Promise<Running> {
  const viewerFolder = join(root, 'lib/local/viewer');
  const server = await startLocalServer({ path: ':memory:', viewerFolder, port: 0, ...options });
  return {
    server,
    call: (method, path, body, headers = known) => callAt(server.url, method, path, body, headers),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Calls a server. A text or bytes are sent as they are, anything else as JSON. */
export async function callAt(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = known,
): Promise<Reply> {
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const answer = await fetch(url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('application/json') === true && text !== '';
  return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

/** A folder that is removed after use. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'local-spec-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built command line to its end. */
export function runCli(args: readonly string[], input?: string, env: Record<string, string> = {}): Promise<Ended> {
  const child = spawnCli(args, env);
  child.stdin?.end(input ?? '');
  return endOf(child);
}

/** Starts the built command line. */
export function spawnCli(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  // A command that hangs must not keep the specs from ending.
  return spawn(process.execPath, [cli, ...args], { env: { PATH, HOME, ...env }, stdio: 'pipe', timeout: 100_000 });
}

/** Collects the output of a process until it ends. */
export function endOf(child: ChildProcess): Promise<Ended> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (data) => {
    out += data;
  });
  child.stderr?.on('data', (data) => {
    err += data;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

/** Starts `local` in a process of its own and waits until it prints its address. */
export async function spawnServer(
  args: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawnCli(['local', '--json', '--port', '0', ...args]);
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (data) => resolve(String(data)));
    child.once('close', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { child, url: (JSON.parse(line) as { url: string }).url };
}

/** A UUID made from `n`. */
export function id(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** A span for a request. */
export function span(n: number, fields: object = {}): object {
  return { span_id: id(n), name: `span-${n}`, started_at: '2026-03-29T10:00:00.000001Z', ...fields };
}

/** A trace for a request. */
export function trace(n: number, fields: object = {}): object {
  return { trace_id: id(n), name: `trace-${n}`, started_at: '2026-03-29T10:00:00Z', ...fields };
}
