import { expect } from 'chai';
import { Client, getClient, HttpSink, init, SettingsError } from '../../lib/index.js';
import { OtlpSink } from '../../lib/otlp/otlp-sink.js';
import { PlatformClient } from '../../lib/platform/platform-client.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { type Receiver, startReceiver } from '../support/receiver.js';

/** Variables that are given with the client, as the bindings of a Worker are. */
describe('A client with variables of its own', () => {
  let receiver: Receiver;
  const clients: Client[] = [];
  const { PANDAPROBE_API_KEY, PANDAPROBE_RELEASE } = process.env;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    restore('PANDAPROBE_API_KEY', PANDAPROBE_API_KEY);
    restore('PANDAPROBE_RELEASE', PANDAPROBE_RELEASE);
    await Promise.all(clients.splice(0).map((client) => client.shutdown({ timeoutMs: 0 })));
    await receiver.close();
  });

  function restore(name: string, value: string | undefined): void {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }

  /** What a Worker is given: texts beside bindings of other kinds. */
  const envOf = (tenant: string) => ({
    PANDAPROBE_API_KEY: `sk_pp_${tenant}`,
    PANDAPROBE_PROJECT_NAME: tenant,
    PANDAPROBE_ENDPOINT: receiver.url,
    PANDAPROBE_WORKER: 'inline',
    CACHE: { get: async () => null },
    LIMIT: 5,
  });

  function start(options: ConstructorParameters<typeof Client>[0], env: object): Client {
    const client = new Client(options, env);
    clients.push(client);
    return client;
  }

  it('sends with these alone, and each client with its own', async () => {
    process.env.PANDAPROBE_API_KEY = 'sk_pp_of_the_process';
    process.env.PANDAPROBE_RELEASE = 'of the process';
    for (const tenant of ['a', 'b']) start({}, envOf(tenant)).trace(`of ${tenant}`).end();
    for (const client of clients) expect(await client.flush()).to.include({ ok: true, delivered: 1 });
    const sent = receiver.requests.map(({ headers, body }) => {
      const { name, release } = body as { name: string; release?: string };
      return [headers['x-api-key'], headers['x-project-name'], name, release ?? 'none'];
    });
    expect(sent.toSorted()).to.deep.equal([
      ['sk_pp_a', 'a', 'of a', 'none'],
      ['sk_pp_b', 'b', 'of b', 'none'],
    ]);
  });

  it('is the one that init() makes, and options win over variables', async () => {
    const client = init({ projectName: 'given' }, envOf('a'));
    clients.push(client);
    expect(getClient()).to.equal(client);
    client.trace('turn').end();
    expect((await client.flush()).ok).to.equal(true);
    expect(receiver.requests[0]?.headers).to.include({ 'x-api-key': 'sk_pp_a', 'x-project-name': 'given' });
  });

  it('sends the same as a sink with these variables', async () => {
    process.env.PANDAPROBE_API_KEY = 'sk_pp_of_the_process';
    await using collector = await startOtlpReceiver();
    const otel = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a' };
    const sinks = [new HttpSink({}, envOf('a')), new OtlpSink({ worker: 'inline' }, otel)];
    start({ sinks }, {}).trace('turn').end();
    expect(await clients[0]?.flush()).to.include({ ok: true });
    expect(receiver.requests[0]?.headers).to.include({ 'x-api-key': 'sk_pp_a', 'x-project-name': 'a' });
    expect(collector.exports[0]?.headers).to.include({ 'x-tenant': 'a' });
  });

  it('warns of its wrong variables if a sink reads them', () => {
    const env = { ...envOf('a'), PANDAPROBE_BATCH_SIZE: 'many' };
    const said = saidBy(() => clients.push(new Client({ sinks: [new HttpSink({ worker: 'inline' }, env)] }, {})));
    expect(said).to.match(/^\[pandaprobe\] warning: PANDAPROBE_BATCH_SIZE: expected [^\n]+; it is ignored\n$/);
  });

  it('shares its variables with a PlatformClient', async () => {
    process.env.PANDAPROBE_API_KEY = 'sk_pp_of_the_process';
    let asked: [string, Headers] | undefined;
    const fetch = async (url: unknown, init?: { headers?: unknown }) => {
      asked = [String(url), new Headers(init?.headers as Record<string, string>)];
      return Response.json({ items: [], total: 0, limit: 50, offset: 0 });
    };
    await new PlatformClient({ fetch: fetch as typeof globalThis.fetch }, envOf('b')).traces.list();
    expect(asked?.[0]).to.match(new RegExp(`^${receiver.url}/traces`));
    expect(Object.fromEntries(asked?.[1] ?? [])).to.include({ 'x-api-key': 'sk_pp_b', 'x-project-name': 'b' });
    expect(() => new PlatformClient({}, {})).to.throw(SettingsError, /apiKey/);
  });

  it('is refused if the variables are no object', () => {
    for (const env of [null, 'production'] as unknown as object[]) {
      for (const make of [
        () => new Client({}, env),
        () => new HttpSink({}, env),
        () => new OtlpSink({}, env),
        () => new PlatformClient({}, env),
      ])
        expect(make).to.throw(SettingsError, 'env: expected an object of variables');
    }
  });

  it('ignores variables that are no text, are inherited, or throw when they are read', () => {
    const throwing = Object.defineProperty({}, 'PANDAPROBE_API_KEY', {
      get() {
        throw new Error('not here');
      },
    });
    const envs = [
      { ...envOf('a'), PANDAPROBE_API_KEY: { secret: true } },
      Object.create(envOf('a')),
      Object.defineProperties(throwing, { PANDAPROBE_PROJECT_NAME: { value: 'a' } }),
    ];
    const said = saidBy(() => {
      for (const env of envs) expect(start({}, env).enabled).to.equal(false);
    });
    expect(said.match(/no API key/g)).to.have.lengthOf(envs.length);
  });

  it('never shows the key, also not a wrong one', () => {
    const said = saidBy(() => {
      start({ debug: true }, envOf('S3CRET'));
      start({}, { ...envOf('a'), PANDAPROBE_API_KEY: 'S3CRET key' });
      start({}, { PANDAPROBE_API_KEY: 'sk_pp_S3CRET' });
    });
    expect(said).to.include('[pandaprobe]').and.not.to.include('S3CRET');
  });

  /** What `run` prints on stderr. */
  function saidBy(run: () => void): string {
    const lines: string[] = [];
    const { write } = process.stderr;
    process.stderr.write = ((text: string) => lines.push(text) > 0) as typeof write;
    try {
      run();
    } finally {
      process.stderr.write = write;
    }
    return lines.join('');
  }
});
