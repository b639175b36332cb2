import http from 'node:http';
import type https from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { https as httpsModule } from '../../common/builtins.js';
import { clearTimeout, setTimeout } from '../../common/real-time.js';
import type { EnvProxy } from './proxy.js';

/** Longest wait for a connection, in milliseconds; part of the time for the whole request. */
const connectTimeoutMs = 5000;
/** How long an idle socket is kept, in milliseconds: less than the 5 s after which common servers close it. */
const idleSocketMs = 4000;

/** Settings of a transport's sockets. */
export interface AgentSettings {
  /** Most sockets at one time. */
  readonly sockets: number;
  /** Whether the sockets do not keep the process alive. */
  readonly unrefSockets: boolean;
  /** TLS settings of the application. */
  readonly tls: https.AgentOptions;
}

/** A proxy answered, but did not connect. */
export class ProxyError extends Error {
  readonly code = 'EPROXY';
  readonly status: number;
  constructor(status: number) {
    super('the proxy did not connect');
    this.status = status;
  }
}

/** An agent whose sockets have a time limit for connecting and for being idle. */
export function createAgent(isSecure: boolean, { sockets, unrefSockets, tls }: AgentSettings): http.Agent {
  const options = { keepAlive: true, maxSockets: sockets, timeout: idleSocketMs };
  const agent = isSecure ? new (httpsModule().Agent)({ ...options, ...tls }) : new http.Agent(options);
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (target, callback) => {
    const socket = connect(target, callback);
    if (socket) limitConnecting(socket, isSecure, unrefSockets);
    return socket;
  };
  return agent;
}

type Proxied = EnvProxy & { readonly kind: 'http' };

/**
 * An agent for TLS through a proxy: it asks the proxy for a tunnel to the host (CONNECT), then starts TLS with the host.
 * Source: RFC 9110, section 9.3.6.
 */
export function createTunnelAgent(proxy: Proxied, settings: AgentSettings): https.Agent {
  const { sockets, unrefSockets, tls } = settings;
  const agent = new (httpsModule().Agent)({ keepAlive: true, maxSockets: sockets, timeout: idleSocketMs, ...tls });
  const secure = agent.createConnection.bind(agent);
  const toProxy = createAgent(proxy.isSecure, settings);
  agent.createConnection = (target, callback) => {
    const { host, port } = target as { readonly host: string; readonly port: number }; // the endpoint's
    const done = callback as (error: Error | null, socket?: Duplex) => void; // Node always passes one, although its types allow none
    openTunnel(proxy, toProxy, `${host.includes(':') ? `[${host}]` : host}:${port}`)
      .then((socket) => {
        const through = { ...target, socket: socket as Socket } as typeof target; // the options of node:tls, to which https passes them
        const found = secure(through) as Duplex; // without a callback it returns the socket
        limitConnecting(found, true, unrefSockets);
        done(null, found);
      })
      .catch(done);
    return undefined;
  };
  return agent;
}

function openTunnel(proxy: Proxied, agent: http.Agent, authority: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const { host, port, authorization } = proxy;
    const headers: Record<string, string> = { Host: authority };
    if (authorization !== undefined) headers['Proxy-Authorization'] = authorization;
    const { request } = proxy.isSecure ? httpsModule() : http;
    const asked = request({
      agent,
      host,
      port,
      method: 'CONNECT',
      path: authority,
      headers,
      timeout: connectTimeoutMs,
    });
    asked.once('connect', ({ statusCode = 0 }, socket, head) => {
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      } else {
        socket.destroy();
        reject(new ProxyError(statusCode));
      }
    });
    asked.once('response', (response) => {
      response.destroy();
      reject(new ProxyError(response.statusCode ?? 0));
    });
    asked.once('timeout', () => asked.destroy(connectTimeout()));
    asked.once('error', reject);
    asked.once('close', () => reject(new ProxyError(0)));
    asked.end();
  });
}

/** Destroys a socket that is not connected in time. With TLS that is after the handshake (`secureConnect`), not at `connect`. */
function limitConnecting(socket: Duplex, isSecure: boolean, isUnref: boolean): void {
  const timer = setTimeout(() => socket.destroy(connectTimeout()), connectTimeoutMs);
  timer.unref();
  const done = () => clearTimeout(timer);
  socket.once(isSecure ? 'secureConnect' : 'connect', done).once('close', done);
  if (isUnref && 'unref' in socket && typeof socket.unref === 'function') socket.unref();
}

function connectTimeout(): Error {
  return Object.assign(new Error('no connection in time'), { code: 'ECONNECTTIMEOUT' });
}
