import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { expect } from 'chai';
import type sinon from 'sinon';
import { createAgent, createTunnelAgent } from '../../../lib/delivery/http/agents.js';
import { authority, pair } from '../../support/certificates.js';
import { startDelivery, traceRecord } from '../../support/delivery.js';
import { fakeTime } from '../../support/fake-time.js';
import { startRawServer } from '../../support/raw-server.js';
import { until } from '../../support/until.js';

const settings = { sockets: 2, unrefSockets: false, tls: { ca: authority } };

/** How a request ends: with this status, or this code. */
function outcomeOf(request: http.ClientRequest): Promise<number | string> {
  return new Promise((resolve) => {
    request.once('response', (response) => resolve(response.statusCode ?? 0));
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    request.end();
  });
}

describe('createAgent()', () => {
  let clock: sinon.SinonFakeTimers;
  const closing: (() => void)[] = [];
  beforeEach(() => {
    clock = fakeTime('setTimeout', 'clearTimeout');
  });
  afterEach(() => {
    clock.restore();
    for (const close of closing.splice(0)) close();
  });

  async function listen(server: net.Server): Promise<number> {
    const sockets = new Set<net.Socket>();
    server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port; // a TCP server's address
  }

  function agentFor(agent: http.Agent): http.Agent {
    closing.push(() => agent.destroy());
    return agent;
  }

  it('waits five seconds for a connection, which with TLS includes the handshake', async () => {
    const silent = net.createServer();
    const port = await listen(silent);
    const agent = agentFor(createAgent(true, settings));
    const request = https.request({ agent, host: '127.0.0.1', port });
    let ended: unknown;
    const outcome = outcomeOf(request).then((how) => {
      ended = how;
    });
    await once(silent, 'connection');
    clock.tick(4999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).to.equal(undefined);
    clock.tick(1);
    await outcome;
    expect(ended).to.equal('ECONNECTTIMEOUT');
    expect(clock.countTimers()).to.equal(0);
  });

  for (const isSecure of [false, true]) {
    it(`leaves a connection that was made alone, however long its requests take (${isSecure ? 'TLS' : 'no TLS'})`, async () => {
      const answers: http.ServerResponse[] = [];
      const took = (_: http.IncomingMessage, response: http.ServerResponse) => answers.push(response);
      const server = isSecure ? https.createServer(pair('server'), took) : http.createServer(took);
      const port = await listen(server);
      const agent = agentFor(createAgent(isSecure, settings));
      const { request } = isSecure ? https : http;
      for (let i = 0; i < 2; i += 1) {
        const arrived = once(server, 'request');
        const outcome = outcomeOf(request({ agent, host: '127.0.0.1', port }));
        await arrived;
        expect(clock.countTimers()).to.equal(0);
        clock.tick(60_000);
        answers.at(-1)?.writeHead(202).end();
        expect(await outcome).to.equal(202);
      }
    });
  }

  it('gives up when the TLS handshake with a host behind a fast proxy does not end', async () => {
    const silent = net.createServer();
    const hostPort = await listen(silent);
    const proxy = http.createServer();
    proxy.on('connect', (_, socket) => {
      const far = net.connect(hostPort, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      far.on('error', () => {}).pipe(socket);
      socket.on('error', () => {}).pipe(far);
      closing.push(() => far.destroy());
    });
    const port = await listen(proxy);
    const named = { kind: 'http', isSecure: false, host: '127.0.0.1', port, authorization: undefined } as const;
    const agent = agentFor(createTunnelAgent({ ...named, secrets: [], name: 'the proxy' }, settings));
    const outcome = outcomeOf(https.request({ agent, host: 'backend.invalid', port: 443 }));
    const [socket] = (await once(silent, 'connection')) as [net.Socket];
    await once(socket, 'data'); // the beginning of TLS
    clock.tick(5000);
    expect(await outcome).to.equal('ECONNECTTIMEOUT');
  });

  it('reports the status of a proxy that refuses the tunnel', async () => {
    const proxy = net.createServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'));
    });
    const port = await listen(proxy);
    const named = { kind: 'http', isSecure: false, host: '127.0.0.1', port, authorization: undefined } as const;
    const agent = agentFor(createTunnelAgent({ ...named, secrets: [], name: 'the proxy' }, settings));
    expect(await outcomeOf(https.request({ agent, host: 'backend.invalid', port: 443 }))).to.equal('EPROXY');
  });
});

describe('Delivery, to a host that takes connections and agrees on no TLS', () => {
  it('reports no connection, and that no request can have arrived', async () => {
    await using server = await startRawServer(() => {});
    const { delivery, lines } = startDelivery(server.url.replace('http:', 'https:'), {
      requestTimeoutMs: 100,
      timing: { faultLogMs: 1 },
    });
    delivery.trace(traceRecord());
    void delivery.flush();
    await until(() => lines.some((line) => line.includes('cannot deliver')));
    expect(lines[0]).to.include('ECONNECTTIMEOUT').and.include('no answer in time');
    await delivery.shutdown({ timeoutMs: 0 });
  });
});
