import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';

/** The end of a server: its exit code or signal, and what it said. */
interface Ended {
  readonly code: number | string;
  readonly said: string;
}

/** Starts a certain server with these settings, calls `use` with its address, and ends it by SIGTERM if need be. */
export type RunServer = (env: Readonly<Record<string, string>>, use: (url: string) => Promise<void>) => Promise<Ended>;

/**
 * Runs a server that a framework has built, in its folder.
 *
 * @param ready - what it prints when it listens
 */
export async function runServer(
  program: string,
  ready: string,
  settings: Parameters<RunServer>[0],
  use: Parameters<RunServer>[1],
): Promise<Ended> {
  const port = await freePort();
  const address = { HOSTNAME: '127.0.0.1', HOST: '127.0.0.1', PORT: String(port) };
  const env = { PATH: process.env.PATH ?? '', ...address, ...settings };
  const server = spawn(process.execPath, [program], { cwd: dirname(program), env });
  const ended = once(server, 'close');
  let said = '';
  try {
    await new Promise<void>((resolve, reject) => {
      for (const stream of [server.stdout, server.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          said += chunk;
          if (said.includes(ready)) resolve();
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  await new Promise((resolve) => server.close(resolve));
  return port;
}
