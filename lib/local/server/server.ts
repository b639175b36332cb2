import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { errorText } from '../../common/error-text.js';
import { leaveMark } from '../../common/local-mark.js';
import { LocalFailure } from '../failure.js';
import { Store } from '../store/store.js';
import { Events } from './events.js';
import { type GateSettings, isLoopback } from './gate.js';
import { Responder, type ResponderOptions } from './responder.js';

/** Options of a local server. */
export interface LocalServerOptions extends ResponderOptions {
  /** @defaultValue 7263; 0 is a free one */
  readonly port?: number | undefined;
  /** Address to listen on. Beyond this machine only together with `key`. @defaultValue `127.0.0.1` */
  readonly host?: string | undefined;
  /** The key that every call must carry. @defaultValue any key is accepted */
  readonly key?: string | undefined;
  /** Further host names under which the server may be called. */
  readonly allowedHosts?: readonly string[] | undefined;
}

/** A running server. */
export interface LocalServer {
  /** Such as `http://127.0.0.1:7263`: the `endpoint` option of an SDK, and the address of the viewer. */
  readonly url: string;
  readonly port: number;
  /** `node:sqlite` or `libsql`. */
  readonly engine: string;
  /** The project of the newest trace; undefined while there is none. */
  lastProject(): string | undefined;
  /** Number of open connections. Each open page of the viewer keeps one. */
  connections(): Promise<number>;
  /** Answers the current requests, for at most two seconds, then closes the database. */
  close(): Promise<void>;
}

/** The port when none is given. */
export const defaultPort = 7263;
const closeMs = 2000;

/**
 * Starts a server that answers the backend's write and read calls and shows the viewer.
 *
 * @throws LocalFailure if the file or the port cannot be used
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const host = options.host ?? '127.0.0.1';
  const onlyHere = isLoopback(host);
  if (!onlyHere && options.key === undefined) {
    throw new LocalFailure('usage', `Listening on ${host} lets others in: give a key with --key that they must send.`);
  }
  const gate: GateSettings = {
    key: options.key,
    hosts: [host, ...(options.allowedHosts ?? [])].map((name) => name.toLowerCase()),
    anyAddress: !onlyHere,
  };
  const store = await Store.open(options.path);
  const events = new Events(store);
  const responder = new Responder(options, gate, store, events);
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void responder.respond(request, response);
  });

  let takeMarkAway = () => {};
  async function close(): Promise<void> {
    takeMarkAway();
    events.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const timer = setTimeout(() => server.closeAllConnections(), closeMs);
    await closed;
    clearTimeout(timer);
    store.close();
  }

  try {
    await listen(server, options.port ?? defaultPort, host);
  } catch (error) {
    events.close();
    store.close();
    throw listenFailure(error, options.port ?? defaultPort, host);
  }
  const { port } = server.address() as AddressInfo; // a TCP server's address
  takeMarkAway = leaveMark(port);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url,
    port,
    engine: store.database.engine,
    lastProject: () => store.projects.list()[0]?.name,
    connections: () => promisify(server.getConnections.bind(server))(),
    close,
  };
}

function listen(server: http.Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function listenFailure(error: unknown, port: number, host: string): LocalFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EADDRINUSE') {
    return new LocalFailure('portTaken', `Port ${port} on ${host} is taken. Choose another with --port.`, {
      cause: error,
    });
  }
  const reason = errorText(error);
  return new LocalFailure('failed', `Cannot listen on ${host}, port ${port}: ${reason}`, { cause: error });
}
