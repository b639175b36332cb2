import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { proxyFor } from '../../../lib/delivery/http/proxy.js';
import { authority, pair } from '../../support/certificates.js';
import { startDelivery, traceRecord } from '../../support/delivery.js';
import { startProxy } from '../../support/proxy-server.js';
import { type Receiver, startReceiver } from '../../support/receiver.js';
import { until } from '../../support/until.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const host = 'backend.invalid';

describe('proxyFor()', () => {
  /** Host and port of the proxy, or `straight`. */
  function way(endpoint: string, environment: Record<string, string>): string {
    const proxy = proxyFor(endpoint, environment);
    if (proxy === undefined) return 'straight';
    return proxy.kind === 'http' ? `${proxy.host}:${proxy.port}` : proxy.reason;
  }

  const rows: [what: string, endpoint: string, environment: Record<string, string>, way: string][] = [
    ['none named', 'https://a.example', {}, 'straight'],
    ['http_proxy', 'http://a.example', { http_proxy: 'http://p:1' }, 'p:1'],
    ['HTTP_PROXY', 'http://a.example', { HTTP_PROXY: 'http://p:1' }, 'p:1'],
    ['lower case first', 'http://a.example', { HTTP_PROXY: 'http://upper:1', http_proxy: 'http://lower:1' }, 'lower:1'],
    ['an empty lower case', 'http://a.example', { HTTP_PROXY: 'http://upper:1', http_proxy: '' }, 'upper:1'],
    ['HTTP_PROXY under CGI', 'http://a.example', { HTTP_PROXY: 'http://p:1', REQUEST_METHOD: 'GET' }, 'straight'],
    ['http_proxy under CGI', 'http://a.example', { http_proxy: 'http://p:1', REQUEST_METHOD: 'GET' }, 'p:1'],
    ['HTTPS_PROXY under CGI', 'https://a.example', { HTTPS_PROXY: 'http://p:1', REQUEST_METHOD: 'GET' }, 'p:1'],
    ['HTTP_PROXY for https', 'https://a.example', { HTTP_PROXY: 'http://p:1' }, 'straight'],
    ['HTTPS_PROXY for http', 'http://a.example', { HTTPS_PROXY: 'http://p:1' }, 'straight'],
    ['ALL_PROXY', 'https://a.example', { ALL_PROXY: 'http://p:1' }, 'p:1'],
    ['the narrower first', 'https://a.example', { all_proxy: 'http://all:1', HTTPS_PROXY: 'http://p:1' }, 'p:1'],
    ['no scheme', 'https://a.example', { HTTPS_PROXY: 'p:3128' }, 'p:3128'],
    ['no port', 'https://a.example', { HTTPS_PROXY: 'http://p' }, 'p:80'],
    ['no port, TLS', 'https://a.example', { HTTPS_PROXY: 'https://p' }, 'p:443'],
    ['IPv6', 'https://a.example', { HTTPS_PROXY: 'http://[2001:db8::1]:3128' }, '2001:db8::1:3128'],
    ['loopback, proxy elsewhere', 'http://127.0.0.1:7263', { HTTP_PROXY: 'http://p:1' }, 'straight'],
    ['localhost, proxy elsewhere', 'http://localhost:8000', { HTTP_PROXY: 'http://p:1' }, 'straight'],
    ['[::1], proxy elsewhere', 'http://[::1]:8000', { HTTP_PROXY: 'http://p:1' }, 'straight'],
    ['no host', 'https://a.example', { HTTPS_PROXY: 'socks5://' }, 'HTTPS_PROXY is not the address of a proxy'],
    ['loopback, proxy here', 'http://127.0.0.1:7263', { HTTP_PROXY: 'http://127.0.0.1:1' }, '127.0.0.1:1'],
  ];
  for (const [what, endpoint, environment, expected] of rows) {
    it(`goes as curl does: ${what}`, () => expect(way(endpoint, environment)).to.equal(expected));
  }

  const excepted: [noProxy: string, endpoint: string, isExcepted: boolean][] = [
    ['a.example', 'https://a.example', true],
    ['a.example', 'https://b.a.example', true],
    ['.a.example', 'https://a.example', true],
    ['*.a.example', 'https://b.a.example', true],
    ['a.example', 'https://xa.example', false],
    ['example', 'https://a.example', true],
    ['A.EXAMPLE', 'https://a.example', true],
    ['a.example.', 'https://a.example', true],
    ['*', 'https://a.example', true],
    ['x, a.example ,y', 'https://a.example', true],
    ['x a.example', 'https://a.example', true],
    ['a.example:443', 'https://a.example', true],
    ['a.example:8443', 'https://a.example', false],
    ['a.example:8443', 'https://a.example:8443', true],
    ['10.1.2.3', 'https://10.1.2.3', true],
    ['10.1.2.3', 'https://10.1.2.30', false],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.1.2.3', 'https://10.1.2.2', false],
    ['10.0.0.0/99', 'https://10.1.2.3', false],
    ['10.0.0.0/-1', 'https://10.1.2.3', false],
    ['10.1.2.3/x', 'https://10.1.2.3', false],
    ['0.0.0.0/0', 'https://10.1.2.3', true],
    ['10.1.2.3/32', 'https://10.1.2.3', true],
    ['0.0.0.0/0', 'https://a.example', false],
    ['2001:db8::/32', 'https://[2001:db8::5]', true],
    ['[2001:db8::5]:443', 'https://[2001:db8::5]', true],
    ['2001:db8::5', 'https://[2001:db8::6]', false],
    ['2001:db8::5', 'https://[2001:db8::4]', false],
    ['2001:db8::5/128', 'https://[2001:db8::5]', true],
    ['', 'https://a.example', false],
    [' , ', 'https://a.example', false],
  ];
  for (const [noProxy, endpoint, isExcepted] of excepted) {
    it(`${isExcepted ? 'excepts' : 'does not except'} ${endpoint} with NO_PROXY=${JSON.stringify(noProxy)}`, () => {
      expect(way(endpoint, { HTTPS_PROXY: 'http://p:1', NO_PROXY: noProxy })).to.equal(isExcepted ? 'straight' : 'p:1');
      if (noProxy !== '') {
        const both = { HTTPS_PROXY: 'http://p:1', no_proxy: noProxy, NO_PROXY: 'other' };
        expect(way(endpoint, both)).to.equal(isExcepted ? 'straight' : 'p:1');
      }
    });
  }

  it('decodes user and password as curl does', () => {
    const of = (login: string) => {
      const proxy = proxyFor('https://a.example', { HTTPS_PROXY: `http://${login}@p:1` });
      return proxy?.kind === 'http' ? proxy.authorization : undefined;
    };
    expect(of('user:p%40ss%3Aw%2Frd%25')).to.equal(basic('user:p@ss:w/rd%'));
    expect(of('do%5Cmain:%C3%BC')).to.equal(basic('do\\main:ü'));
    expect(of('user')).to.equal(basic('user:'));
    expect(of('user:100%')).to.equal(basic('user:100%'));
    expect(of('')).to.equal(undefined);
  });
});

describe('Delivery, through a proxy', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  for (const isSecure of [false, true]) {
    const scheme = isSecure ? 'https' : 'http';
    it(`asks an ${scheme} proxy for the whole address, with the password decoded`, async () => {
      await using proxy = await startProxy(receiver.port, isSecure);
      const previous = https.globalAgent.options.ca;
      https.globalAgent.options.ca = authority;
      try {
        const env = { http_proxy: `${scheme}://us%40er:p%3Aw@127.0.0.1:${proxy.port}` };
        const { delivery } = startDelivery(`http://${host}/base`, { env });
        receiver.behave = () => ({ status: 202, body: {} });
        delivery.trace(traceRecord());
        expect(await delivery.flush({ timeoutMs: 5000 })).to.include({ ok: true, delivered: 1 });
        expect(proxy.requests.map(({ asked }) => asked)).to.deep.equal([`POST http://${host}/base/traces`]);
        expect(proxy.requests[0]?.authorization).to.equal(basic('us@er:p:w'));
        expect(proxy.requests[0]?.headers.host).to.equal(host);
        await delivery.shutdown();
      } finally {
        https.globalAgent.options.ca = previous;
      }
    });

    it(`makes a TLS tunnel through an ${scheme} proxy, which does not see our key`, async () => {
      const keys: unknown[] = [];
      const backend = https.createServer(pair('server'), (request, response) => {
        keys.push(request.headers['x-api-key'], request.headers['proxy-authorization']);
        request.resume();
        response.writeHead(202, { 'Content-Type': 'application/json' }).end('{}');
      });
      await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
      await using proxy = await startProxy((backend.address() as AddressInfo).port, isSecure);
      const previous = https.globalAgent.options.ca;
      https.globalAgent.options.ca = authority;
      try {
        const env = { HTTPS_PROXY: `${scheme}://user:p%40ss@127.0.0.1:${proxy.port}` };
        const { delivery } = startDelivery(`https://${host}`, { env });
        for (let i = 0; i < 8; i += 1) {
          delivery.trace(traceRecord());
          if (i === 3) await delivery.flush({ timeoutMs: 5000 });
        }
        expect(await delivery.flush({ timeoutMs: 5000 })).to.include({ ok: true, delivered: 8 });
        expect(proxy.requests.length).to.be.within(1, 4); // tunnels are used again
        for (const { asked, authorization, headers } of proxy.requests) {
          expect(asked).to.equal(`CONNECT ${host}:443`);
          expect(authorization).to.equal(basic('user:p@ss'));
          expect(JSON.stringify(headers)).to.not.include('sk_pp');
        }
        expect(keys.length).to.equal(16);
        expect(keys.filter((key) => key !== undefined).length, 'the password stays with the proxy').to.equal(8);
        await delivery.shutdown();
      } finally {
        https.globalAgent.options.ca = previous;
        backend.closeAllConnections();
        backend.close();
      }
    });
  }

  for (const endpoint of [`http://${host}`, `https://${host}`]) {
    const name = endpoint.startsWith('https:') ? 'HTTPS_PROXY' : 'http_proxy';

    it(`keeps its items while the proxy wants a login (407, ${endpoint}), says so once, without the password`, async () => {
      await using proxy = await startProxy(receiver.port);
      proxy.refusal = 407;
      const env = { [name]: `http://user:hunter2secret@127.0.0.1:${proxy.port}` };
      const { delivery, lines, losses } = startDelivery(endpoint, { env, timing: { blockedProbeMs: 30 } });
      for (let i = 0; i < 5; i += 1) delivery.trace(traceRecord());
      void delivery.flush();
      await until(() => proxy.requests.length >= 8);
      expect(delivery.stats()).to.include({ pending: 5, failed: 0, delivered: 0 });
      const told = lines.filter((line) => line.includes('HTTP 407'));
      expect(told).to.have.length(1);
      expect(told[0]).to.include('check the proxy');
      expect(losses.map(({ status, items }) => [status, items])).to.deep.equal([[407, 0]]);
      expect(lines.join() + JSON.stringify(losses)).to.not.include('hunter2');
      if (endpoint.startsWith('http:')) {
        proxy.refusal = undefined;
        expect(await delivery.flush()).to.include({ ok: true, delivered: 5 });
      }
      await delivery.shutdown({ timeoutMs: 0 });
    });

    it(`names the proxy that cannot be reached (${endpoint})`, async () => {
      const { delivery, lines } = startDelivery(endpoint, { env: { [name]: 'http://user:hunter2secret@127.0.0.1:9' } });
      for (let i = 0; i < 5; i += 1) delivery.trace(traceRecord());
      await delivery.flush({ timeoutMs: 2000 });
      expect(lines.join('\n'))
        .to.include(`ECONNREFUSED through the proxy 127.0.0.1:9 (${name})`)
        .and.to.include(`nothing listens there: start it, or check ${name}`);
      expect(lines.join()).to.not.include('hunter2');
      await delivery.shutdown({ timeoutMs: 0 });
    });
  }

  it('says that the proxy forbids the host, and not that the key is wrong (403 to CONNECT)', async () => {
    await using proxy = await startProxy(receiver.port);
    proxy.refusal = 403;
    const { delivery, lines } = startDelivery(`https://${host}`, { env: { HTTPS_PROXY: `127.0.0.1:${proxy.port}` } });
    delivery.trace(traceRecord());
    void delivery.flush();
    await until(() => lines.some((line) => line.includes('HTTP 403 from the proxy')));
    expect(lines.join('\n')).to.include('check the proxy').and.not.include('apiKey');
    expect(delivery.stats()).to.include({ pending: 1, failed: 0 });
    await delivery.shutdown({ timeoutMs: 0 });
  });

  it('backs off where the proxy does not reach the host (502 to CONNECT)', async () => {
    await using proxy = await startProxy(receiver.port);
    proxy.refusal = 502;
    const { delivery, lines } = startDelivery(`https://${host}`, { env: { HTTPS_PROXY: `127.0.0.1:${proxy.port}` } });
    for (let i = 0; i < 5; i += 1) delivery.trace(traceRecord());
    expect(await delivery.flush({ timeoutMs: 1500 })).to.include({ ok: false, pending: 5 });
    expect(lines.join('\n')).to.match(
      /cannot deliver to backend\.invalid: HTTP 502 from the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\)/,
    );
    await delivery.shutdown({ timeoutMs: 0 });
  });

  const unusable = {
    'a SOCKS proxy': { ALL_PROXY: 'socks5://user:hunter2secret@127.0.0.1:1080' },
    'a SOCKS proxy of another kind': {
      https_proxy: 'socks5h://127.0.0.1:1080',
      http_proxy: 'socks4a://127.0.0.1:1080',
    },
    'what is no address': { all_proxy: 'http://[hunter2secret' },
  };
  for (const [what, env] of Object.entries(unusable)) {
    it(`P34 sends nothing past ${what}, keeps it, and says so in one line`, async () => {
      const { delivery, lines, losses } = startDelivery(receiver.url, { env, timing: { blockedProbeMs: 20 } });
      for (let i = 0; i < 5; i += 1) delivery.trace(traceRecord());
      expect(await delivery.flush({ timeoutMs: 300 })).to.include({ ok: false, pending: 5, failed: 0 });
      await until(() => losses.length > 0);
      expect(receiver.requests).to.have.length(0);
      const told = lines.filter((line) => /(all|https?)_proxy/i.test(line));
      expect(told).to.have.length(1);
      if (what.startsWith('a SOCKS')) expect(told[0]).to.match(/not supported.*HTTP proxy.*NO_PROXY/);
      expect(told[0]).to.not.include('hunter2');
      await delivery.shutdown({ timeoutMs: 0 });
    });
  }

  it('connects directly if NO_PROXY names the host', async () => {
    await using proxy = await startProxy(receiver.port);
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: `example.com,127.0.0.1:${receiver.port}` };
    const { delivery } = startDelivery(receiver.url, { env });
    delivery.trace(traceRecord());
    expect(await delivery.flush()).to.include({ ok: true });
    expect(proxy.requests).to.have.length(0);
    await delivery.shutdown();
  });

  it('uses its own proxy even if Node has one for all requests', async () => {
    // NODE_USE_ENV_PROXY gives http.globalAgent one: ours is not that agent.
    expect(http.globalAgent).to.be.an.instanceOf(http.Agent);
    const previous = http.globalAgent;
    const used: unknown[] = [];
    http.globalAgent = new (class extends http.Agent {
      override createConnection(): never {
        used.push(1);
        throw new Error('not ours');
      }
    })();
    try {
      const { delivery } = startDelivery(receiver.url);
      delivery.trace(traceRecord());
      expect(await delivery.flush()).to.include({ ok: true });
      expect(used).to.deep.equal([]);
      await delivery.shutdown();
    } finally {
      http.globalAgent = previous;
    }
  });
});
