import https from 'node:https';
import type { AddressInfo } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { faultOf } from '../../../lib/delivery/http/connection-faults.js';
import { tlsFacts } from '../../../lib/delivery/http/tls-facts.js';
import { authority, pair, pathOf } from '../../support/certificates.js';
import { startReceiver } from '../../support/receiver.js';
import { type BuiltDelivery, builtDelivery, type Ending } from '../built-delivery.js';

interface Backend extends AsyncDisposable {
  readonly url: string;
  readonly names: string[];
  /** Versions of TLS that were spoken. */
  readonly versions: Set<string | null>;
}

/** A backend behind TLS that takes traces. */
async function startBackend(options: https.ServerOptions = {}): Promise<Backend> {
  const names: string[] = [];
  const versions = new Set<string | null>();
  const server = https.createServer({ ...pair('server'), ...options }, async (request, response) => {
    versions.add((request.socket as TLSSocket).getProtocol());
    let body = '';
    for await (const chunk of request) body += chunk;
    names.push(JSON.parse(body).name);
    response.writeHead(202, { 'Content-Type': 'application/json' }).end('{}');
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `https://127.0.0.1:${port}`, names, versions, [Symbol.asyncDispose]: close };
}

interface Setup {
  /** Commands of a shell. */
  readonly shell?: string;
  /** What the program does first. */
  readonly code?: string;
  /** Whether this version of Node has it. */
  readonly isThere?: boolean;
}

const has = (name: string) => name in tls;
const hasFlag = (name: string) => process.allowedNodeEnvironmentFlags.has(name);
const ca = JSON.stringify(authority);

/** How a program may come to trust an authority. */
const trusting: Record<string, Setup> = {
  NODE_EXTRA_CA_CERTS: { shell: `export NODE_EXTRA_CA_CERTS=${pathOf('ca')}` },
  '--use-openssl-ca': { shell: `export NODE_OPTIONS=--use-openssl-ca SSL_CERT_FILE=${pathOf('ca')}` },
  '--use-system-ca': {
    shell: `export NODE_OPTIONS=--use-system-ca SSL_CERT_FILE=${pathOf('ca')}`,
    isThere: has('getCACertificates') && hasFlag('--use-system-ca'),
  },
  NODE_USE_SYSTEM_CA: {
    shell: `export NODE_USE_SYSTEM_CA=1 SSL_CERT_FILE=${pathOf('ca')}`,
    isThere: has('setDefaultCACertificates'),
  },
  'tls.setDefaultCACertificates()': {
    code: `tls.setDefaultCACertificates([${ca}]);`,
    isThere: has('setDefaultCACertificates'),
  },
  'tls.setDefaultCACertificates() after init': {
    code: `setTimeout(() => {}, 0); tls.setDefaultCACertificates([...tls.getCACertificates('default'), ${ca}]);`,
    isThere: has('setDefaultCACertificates'),
  },
  'the options of https.globalAgent': { code: `https.globalAgent.options.ca = ${ca};` },
  'another https.globalAgent': { code: `https.globalAgent = new https.Agent({ ca: [Buffer.from(${ca})] });` },
  'NODE_TLS_REJECT_UNAUTHORIZED=0': { shell: 'export NODE_TLS_REJECT_UNAUTHORIZED=0 NODE_NO_WARNINGS=1' },
  'an https.globalAgent that checks nothing': { code: 'https.globalAgent.options.rejectUnauthorized = false;' },
};

describe('Delivery over TLS', () => {
  let built: BuiltDelivery;
  before(async () => {
    built = await builtDelivery();
  });
  after(() => built.remove());

  /** A program that makes a request of its own and then delivers a trace. */
  function deliver(url: string, worker: string, { shell = ':', code = '' }: Setup): Promise<Ending> {
    const program = `
      import https from 'node:https';
      import tls from 'node:tls';
      ${code}
      const own = await new Promise((resolve) => {
        const body = JSON.stringify({ name: 'own' });
        const request = https.request('${url}/traces', { method: 'POST', agent: https.globalAgent }, (response) => {
          response.resume();
          resolve('passes');
        });
        request.on('error', (error) => resolve(error.code));
        request.end(body);
      });
      const delivery = createDelivery({ ...options, env: { ...process.env }, worker: '${worker}', timing: { backOffMs: 10 } });
      for (let i = 0; i < 4; i += 1) delivery.trace(trace('t'));
      const { ok, delivered, pending } = await delivery.flush({ timeoutMs: 2500 });
      console.log(own, ok, delivered, pending);
      process.exit();`;
    return built.run(program, url, `unset NODE_EXTRA_CA_CERTS; ${shell}`);
  }

  for (const worker of ['thread', 'inline']) {
    for (const [what, setup] of Object.entries(trusting)) {
      it(`trusts the certificates that the program trusts (${what}, ${worker})`, async function () {
        if (setup.isThere === false) this.skip();
        await using backend = await startBackend();
        const { stdout, stderr } = await deliver(backend.url, worker, setup);
        expect(stdout, stderr).to.equal('passes true 4 0\n');
        expect(backend.names.filter((name) => name === 't')).to.have.length(4);
      });
    }

    it(`shows the client certificate that the program shows (${worker})`, async () => {
      await using backend = await startBackend({ ca: authority, requestCert: true, rejectUnauthorized: true });
      const own = JSON.stringify({ ca: authority, ...pair('client') });
      const code = `https.globalAgent = new https.Agent(${own});`;
      const { stdout, stderr } = await deliver(backend.url, worker, { code });
      expect(stdout, stderr).to.equal('passes true 4 0\n');
    });

    it(`says why a certificate is not trusted, and what to do; keeps the traces (${worker})`, async () => {
      await using backend = await startBackend();
      const { stdout, stderr } = await deliver(backend.url, worker, {});
      expect(stdout).to.equal('UNABLE_TO_VERIFY_LEAF_SIGNATURE false 0 4\n');
      expect(stderr).to.match(
        /cannot deliver to 127\.0\.0\.1:\d+: UNABLE_TO_VERIFY_LEAF_SIGNATURE \(.*not trusted.*NODE_EXTRA_CA_CERTS/,
      );
      expect(stderr).to.include('--use-system-ca');
    });

    it(`says that a certificate is for another host (${worker})`, async () => {
      await using backend = await startBackend(pair('elsewhere'));
      const { stdout, stderr } = await deliver(backend.url, worker, trusting.NODE_EXTRA_CA_CERTS ?? {});
      expect(stdout).to.equal('ERR_TLS_CERT_ALTNAME_INVALID false 0 4\n');
      expect(stderr).to.match(/ERR_TLS_CERT_ALTNAME_INVALID \(.*another host; check the host in endpoint/);
    });

    it(`says that the server does not speak TLS (${worker})`, async () => {
      await using server = await startReceiver();
      const { stderr } = await deliver(server.url.replace('http:', 'https:'), worker, {});
      expect(stderr).to.match(/(EPROTO|ERR_SSL_\w+) \(no TLS is spoken there; does endpoint want http:\?\)/);
    });

    it(`uses only the versions of TLS that the program allows (${worker})`, async () => {
      await using old = await startBackend({ maxVersion: 'TLSv1.2' });
      const trusted = `export NODE_EXTRA_CA_CERTS=${pathOf('ca')}`;
      const least = await deliver(old.url, worker, { shell: `${trusted} NODE_OPTIONS=--tls-min-v1.3` });
      expect(least.stdout).to.match(/^(EPROTO|ERR_SSL_\w+) false 0 4\n$/);
      expect(least.stderr).to.match(/(EPROTO|ERR_SSL_\w+) \(.*version of TLS/);
      await using modern = await startBackend();
      const most = await deliver(modern.url, worker, { shell: trusted, code: "tls.DEFAULT_MAX_VERSION = 'TLSv1.2';" });
      expect(most.stdout, most.stderr).to.equal('passes true 4 0\n');
      expect([...modern.versions]).to.deep.equal(['TLSv1.2']);
    });
  }
});

describe('tlsFacts()', () => {
  it('says nothing, and throws nothing, where the platform has no such agent', () => {
    const previous = https.globalAgent;
    try {
      Object.assign(https, { globalAgent: undefined });
      expect(tlsFacts()).to.equal(undefined);
    } finally {
      https.globalAgent = previous;
    }
    expect(tlsFacts()).to.include.keys('ca', 'options');
  });
});

describe('faultOf()', () => {
  const told: [string, RegExp][] = [
    ['SELF_SIGNED_CERT_IN_CHAIN', /NODE_EXTRA_CA_CERTS/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /NODE_EXTRA_CA_CERTS/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /NODE_EXTRA_CA_CERTS/],
    ['CERT_HAS_EXPIRED', /expired/],
    ['CERT_NOT_YET_VALID', /clock/],
    ['CERT_REVOKED', /refused/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /http:/],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', /version of TLS/],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', /TLS failed/],
  ];
  for (const [code, advice] of told) {
    it(`says what to do about ${code}, and that no request can have arrived`, () => {
      const fault = faultOf(Object.assign(new Error('x'), { code }));
      expect(fault).to.include({ code, mayHaveArrived: false });
      expect(fault.advice).to.match(advice);
    });
  }

  it('replaces a code of unknown form, because it may contain anything', () => {
    for (const code of ['sk_pp_x y', 'lower', 5, undefined])
      expect(faultOf({ code })).to.deep.equal({ code: 'UNKNOWN', advice: undefined, mayHaveArrived: true });
    expect(faultOf(undefined).code).to.equal('UNKNOWN');
  });
});
