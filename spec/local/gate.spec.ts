import http from 'node:http';
import { expect } from 'chai';
import { LocalFailure } from '../../lib/local/failure.js';
import { known, type Running, startRunning, trace } from '../support/local-server.js';

/** fetch sets Host and Origin by itself; this sends what a browser, or a name that points here, would. */
function request(
  port: number,
  headers: Record<string, string>,
  method = 'GET',
  path = '/traces',
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: '127.0.0.1', port, method, path, headers, setHost: false }, (response) => {
      response.resume();
      resolve(response);
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? JSON.stringify(trace(1)) : undefined);
  });
}

describe('Local server, access control', () => {
  let running: Running;
  let port: number;
  before(async () => {
    running = await startRunning({ allowedHosts: ['Traces.Lan'] });
    port = running.server.port;
  });
  after(() => running[Symbol.asyncDispose]());

  const cases: [what: string, headers: () => Record<string, string>, status: number, method?: string, path?: string][] =
    [
      ['this machine by address', () => ({ Host: `127.0.0.1:${port}` }), 200],
      ['this machine by name', () => ({ Host: `localhost:${port}` }), 200],
      ['this machine by its IPv6 address', () => ({ Host: `[::1]:${port}` }), 200],
      ['a tunnel on another port', () => ({ Host: 'localhost:9000' }), 200],
      ['a name that was allowed', () => ({ Host: 'traces.lan' }), 200],
      ['a name of the internet that points here', () => ({ Host: `rebound.example:${port}` }), 403],
      ['an address of the network', () => ({ Host: `192.168.1.7:${port}` }), 403],
      ['a Host that is none', () => ({ Host: 'a b' }), 403],
      [
        'its own page',
        () => ({ Host: `localhost:${port}`, Origin: `http://localhost:${port}`, 'Sec-Fetch-Site': 'same-origin' }),
        200,
      ],
      [
        'a page of the internet that writes',
        () => ({ Host: `localhost:${port}`, Origin: 'https://evil.example' }),
        403,
        'POST',
      ],
      ['a page of another port', () => ({ Host: `localhost:${port}`, Origin: 'http://localhost:3000' }), 403, 'POST'],
      ['a page without an origin', () => ({ Host: `localhost:${port}`, Origin: 'null' }), 403, 'POST'],
      [
        'a page that embeds an answer',
        () => ({ Host: `localhost:${port}`, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' }),
        403,
      ],
      [
        'a page that listens to events',
        () => ({ Host: `localhost:${port}`, 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'cors' }),
        403,
        'GET',
        '/local/events',
      ],
      ['a preflight', () => ({ Host: `localhost:${port}`, Origin: 'https://evil.example' }), 403, 'OPTIONS'],
    ];
  for (const [what, headers, status, method, path] of cases) {
    it(`${status === 200 ? 'accepts' : 'refuses'} ${what}`, async () => {
      const response = await request(port, { ...known, ...headers() }, method, path);
      expect(response.statusCode).to.equal(status);
      expect(response.headers).not.to.have.property('access-control-allow-origin');
    });
  }

  it('stores nothing of a refused request', async () => {
    expect((await running.call('GET', '/traces')).body.total).to.equal(0);
  });

  it('listens on other interfaces only with a key', async () => {
    const failure = await startRunning({ host: '0.0.0.0' }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(LocalFailure).with.property('ending', 'usage');
  });

  it('requires the key in every call if there is one', async () => {
    await using keyed = await startRunning({ host: '0.0.0.0', key: 's3cret' });
    const at = (key: string, path = '/traces') => {
      const headers = { ...known, 'X-API-Key': key, Host: `10.0.0.1:${keyed.server.port}` };
      return request(keyed.server.port, headers, 'GET', path);
    };
    expect((await at('s3cret')).statusCode).to.equal(200);
    for (const path of ['/traces', '/local/projects', '/local/events'])
      expect((await at('other', path)).statusCode).to.equal(401);
    expect((await at('other', '/local/info')).statusCode).to.equal(200);
  });

  it('serves the viewer with a strict policy, and no other files', async () => {
    const page = await running.call('GET', '/');
    expect(page.status).to.be.oneOf([200, 404]);
    const file = await running.call('GET', '/core/route.js');
    expect(file.status).to.equal(200);
    expect(file.headers.get('content-type')).to.equal('text/javascript; charset=utf-8');
    expect(file.headers.get('x-content-type-options')).to.equal('nosniff');
    const policy = file.headers.get('content-security-policy') ?? '';
    expect(policy).to.include("default-src 'none'").and.include("script-src 'self';").and.not.include('unsafe');
    const again = await running.call('GET', '/core/route.js', undefined, {
      'If-None-Match': file.headers.get('etag') ?? '',
    });
    expect(again.status).to.equal(304);
    for (const path of [
      '/..%2fcli.ts',
      '/%2e%2e/cli.ts',
      '/../server/gate.js',
      '/shapes.d.ts',
      '/.hidden.js',
      '//route.js',
      '/a/..%5croute.js',
    ]) {
      expect((await request(running.server.port, { Host: 'localhost' }, 'GET', path)).statusCode, path).to.equal(404);
    }
  });
});
