import Anthropic from '@anthropic-ai/sdk';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { GoogleGenAI } from '@google/genai';
import { Mistral } from '@mistralai/mistralai';
import { AxiosError } from 'axios';
import { expect } from 'chai';
import OpenAI from 'openai';
import { silentLog } from '../../lib/common/log.js';
import { captureJson } from '../../lib/model/capture.js';
import { costJson, summedUsageJson } from '../../lib/model/usage.js';
import { captured, roomy } from './captured.js';
import { type HttpObjects, httpObjects } from './http-objects.js';

const secret = 'sk-live-5f4dcc3b5aa765d6';
const isThere = (text: string): boolean =>
  [secret, 'PRIVATE KEY', Buffer.from(`user:${secret}`).toString('base64')].some((form) => text.includes(form));

/** Where a value may stand. */
const places: Readonly<Record<string, (value: unknown) => unknown>> = {
  'by itself': (value) => value,
  'in an argument': (value) => ({ given: value }),
  'in a list': (value) => [{ value }, value],
  'in a long list': (value) => Array.from({ length: 20 }, (_, at) => ({ id: at, value })),
  'in a long list of itself': (value) => Array.from({ length: 20 }, () => value),
  'in a Map': (value) => new Map([['value', value]]),
  'in an Error': (value) => Object.assign(new Error('lookup failed', { cause: value }), { value }),
  'in settled promises': (value) => [{ status: 'rejected', reason: value }],
};

function leaks(values: Iterable<readonly [string, unknown]>): string[] {
  const found: string[] = [];
  for (const [what, value] of values) {
    for (const [where, put] of Object.entries(places)) {
      if (isThere(captureJson(put(value), roomy))) found.push(`${what} ${where}`);
    }
  }
  return found;
}

describe('Credentials in what is captured', () => {
  describe('P27 of HTTP clients and servers', () => {
    let objects: HttpObjects;
    before(async () => {
      objects = await httpObjects(secret);
    });
    after(() => objects.close());

    it('P27 are in no object of axios, superagent, got, ky, undici, fetch, node:http, Express and Fastify', () => {
      expect(objects.values.size).to.be.greaterThan(70);
      expect(leaks(objects.values)).to.deep.equal([]);
    });

    it('P27 are left out, but method, address, status and size of requests and responses are kept', () => {
      const of = (name: string) => captured(objects.values.get(name)) as Record<string, unknown>;
      const url = /\/good\?api_key=\[Masked\]&page=2&sig=\[Masked\]$/;
      for (const name of [
        'got /good',
        'IncomingMessage /good',
        'superagent /good',
        'fetch /good',
        'undici fetch /good',
      ]) {
        expect(of(name).url, name).to.match(url);
        expect(of(name).status, name).to.equal(200);
      }
      expect(of('ClientRequest /good')).to.have.property('method', 'GET');
      expect(of('express request')).to.deep.equal({
        method: 'POST',
        url: '/login?api_key=[Masked]&page=2&sig=[Masked]',
        bytes: 39,
      });
      expect(of('express response')).to.deep.equal({ ...of('express request'), status: 200, bytes: 2 });
      expect(of('fastify response')).to.deep.include({ method: 'POST', status: 200 });
      const { status, data, config } = of('axios /good');
      expect([status, data]).to.deep.equal([200, { ok: true }]);
      expect(config).to.have.property('method', 'get');
      expect(config).to.have.property('url').that.matches(url);
      expect(of('axios /bad')).to.have.nested.property('response.status', 403);
      expect(of('axios /bad'))
        .to.have.nested.property('request.url')
        .that.matches(/\/bad\?api_key=\[Masked\]/);
      expect(of('got /bad').message).to.match(
        /^Request failed with status code 403 .*\/bad\?api_key=\[Masked\]&page=2/,
      );
    });
  });

  it('add no address to responses without one, which the program makes itself', () => {
    const made = { made: Response.json({ a: 1 }, { status: 201 }), failed: Response.error() };
    expect(captured(made)).to.deep.equal({ made: { status: 201 }, failed: { status: 0 } });
    const request = { method: 'get', baseURL: 'http://h/api', headers: {} };
    expect(captured(new AxiosError('no', 'E', request as never))).to.deep.include({
      request: { method: 'get', url: 'http://h/api' },
    });
  });

  it('P27 are in no client of a provider', () => {
    const credentials = { accessKeyId: secret, secretAccessKey: secret };
    const clients = {
      openai: new OpenAI({
        apiKey: secret,
        defaultHeaders: { 'x-key': secret },
        baseURL: `http://user:${secret}@a/v1`,
      }),
      anthropic: new Anthropic({ apiKey: secret }),
      gemini: new GoogleGenAI({ apiKey: secret, httpOptions: { headers: { 'x-goog-api-key': secret } } }),
      mistral: new Mistral({ apiKey: secret }),
      bedrock: new BedrockRuntimeClient({ region: 'eu-west-1', credentials }),
    };
    expect(leaks(Object.entries(clients))).to.deep.equal([]);
  });

  it('P27 are in no configuration', () => {
    const address = `postgres://user:${secret}@db.example.com:5432/app?sslmode=require`;
    const configurations: Readonly<Record<string, unknown>> = {
      'a connection string': { connectionString: address },
      'a connection': { client: 'pg', connection: address },
      'an address with a token as user': { remote_url: `https://${secret}@github.com/a/b.git` },
      'several addresses': { urls: [address, `redis://:${secret}@cache:6379`] },
      'a password with signs that end it': { urls: [`redis://u:${secret}#1@h`, `redis://u:a/${secret}?@h`] },
      'a path': { options: { path: `/x?api_key=${secret}` } },
      'a connection of key and value': { connectionString: `Server=a;User=sa;Password=${secret};Timeout=3` },
      'a connection of libpq': { dsn: `host=a user=b password=${secret} dbname=c` },
      'a pool': { host: 'db', user: 'app', password: secret, ssl: { key: `-----BEGIN PRIVATE KEY-----\n${secret}` } },
      variables: { OPENAI_API_KEY: secret, DATABASE_URL: address, DB_PASSWORD: secret, AWS_SECRET_ACCESS_KEY: secret },
      'a child process': { env: { MY_KEY: secret, TOKEN: secret, PASS: secret, URL: address } },
      OAuth: { client_id: 'a', client_secret: secret, refresh_token: secret, accessToken: secret, idToken: secret },
      'a service account': { type: 'service_account', private_key: secret, private_key_id: secret },
      'keys of services': {
        supabaseKey: secret,
        serviceRoleKey: secret,
        anon_key: secret,
        openaiKey: secret,
        stripeKey: secret,
      },
      'stored credentials': { passwordHash: secret, SecretString: secret, seedPhrase: secret, credential: secret },
      'tokens of a kind': { authorizationToken: secret, verificationToken: secret, registration_token: secret },
      'the key of a client': { key: secret, baseUrl: 'https://a.b', headers: {} },
      'the key of a database': { endpoint: 'https://a.b', key: secret },
      'other keys': {
        SSECustomerKey: secret,
        encryptionKey: secret,
        masterKey: secret,
        app_key: secret,
        subscriptionKey: secret,
      },
      'a mail account': { auth: { user: 'a', pass: secret } },
      'a user and password': { auth: `user:${secret}` },
      'a token': { token: secret },
      'a proxy': { proxy: `http://user:${secret}@proxy:3128` },
      'a proxy in parts': { proxy: { host: 'a', auth: { username: 'a', password: secret } } },
      cookies: { cookies: { sid: secret }, cookie: `sid=${secret}` },
      'a session': { req: { headers: { cookie: secret } }, cookieJar: { cookies: [{ value: secret }] } },
      'a query': { url: '/x', params: { key: secret, page: 2 } },
      'a form': { method: 'POST', body: `grant_type=password&client_secret=${secret}` },
      JSON: { method: 'POST', body: JSON.stringify({ a: [{ apiKey: secret }] }) },
    };
    expect(leaks(Object.entries(configurations))).to.deep.equal([]);
    expect(captured(configurations['a connection'])).to.deep.equal({
      client: 'pg',
      connection: 'postgres://db.example.com:5432/app?sslmode=require',
    });
    expect(captured(configurations['a query'])).to.deep.equal({ url: '/x', params: { key: '[Masked]', page: 2 } });
  });

  it('P27 are in no message or stack of an Error', () => {
    const text = `GET https://user:${secret}@a.b/c?access_token=${secret} failed: Bearer ${secret}`;
    const error = captured(new Error(text, { cause: new Error(text) })) as { message: string; stack: string };
    expect(error.message).to.equal('GET https://a.b/c?access_token=[Masked] failed: Bearer [Masked]');
    expect(JSON.stringify(error)).to.not.include(secret);
    // A cut cannot leave the half of one.
    const long = captured(new Error(`${'x'.repeat(3990)}?access_token=${secret}`)) as { stack: string };
    expect(long.stack).to.not.include('sk-live');
  });

  it('leave the user’s own data alone', () => {
    const own: Readonly<Record<string, unknown>> = {
      token_count: 12,
      tokens: ['a', 'b'],
      token: 'hello',
      max_tokens: 100,
      prompt_tokens: 3,
      nextPageToken: 'CAUQAA-0123456789abcdef',
      logprobs: [{ token: 'internationalization', logprob: -0.1 }],
      key: 'C major',
      primary_key: 'id',
      customer_key: 17,
      Key: 'docs/2026/report-1234.pdf',
      cacheKey: 'a:1',
      mnemonic: 'think of a house with two doors',
      storageKey: 'cart',
      aiTokens: 512,
      appTokens: 3,
      keys: ['a'],
      secretary: 'Ann',
      author: 'Bob',
      authority: 'city',
      cookieRecipe: 'flour',
      passenger: 'Eve',
      passed: true,
      password: null,
      secret: false,
      apiKey: '',
      credentials: 'include',
      session: { id: 7 },
      headers: ['Name', 'Key', 'City', 'Token'],
      header: 'Results: a table',
      url: 'https://a.b/c?page=2&q=a@b.c',
      path: '/tmp/a=b',
      href: 'https://a.b:8080/c?to=a@b.c#d@e',
      endpoint: 'http://[::1]:8080/c?to=a@b.c',
      email: 'a@b.c',
      content: 'The password is a token: Bearer 12345678, https://user:pw@a.b?key=1',
      data: { key: 'value', token: 'word' },
      params: { key: 'C major' },
      config: { url: 'https://a.b/', retries: 3 },
      schema: { type: 'object', properties: { password: { type: 'string' }, token: { type: 'string' } } },
      body: 'Dear Ann, your key=5',
    };
    for (const [name, value] of Object.entries(own)) {
      const row = { id: 1, [name]: value };
      expect(captured(row)).to.deep.equal(row);
      const rows = Array.from({ length: 20 }, () => row);
      expect(captured(rows)).to.deep.equal(rows);
    }
  });

  it('P27 are masked even under a name that a count or a cost had before', () => {
    summedUsageJson({ secret: 1, passphrase: 2 }, silentLog);
    costJson({ total: 1, secret: 2 }, silentLog);
    const given = { first: 1, secret, passphrase: secret };
    expect(captured(given)).to.deep.equal({ first: 1, secret: '[Masked]', passphrase: '[Masked]' });
    expect(captured({ secret })).to.deep.equal({ secret: '[Masked]' });
  });

  it('P27 are in no note of a getter that threw', () => {
    const failing = (message: string) => ({
      get a() {
        throw new Error(message);
      },
    });
    expect(captured(failing(`postgres://user:${secret}@db refused`))).to.deep.equal({
      a: '[Throws: postgres://db refused]',
    });
    expect(JSON.stringify(captured(failing(`${'x'.repeat(185)}?access_token=${secret}`)))).to.not.include('sk-live');
  });

  it('do not add undefined values beside them', () => {
    const headers = { authorization: undefined, accept: 'text/html', cookie: undefined };
    expect(captured({ headers })).to.deep.equal({ headers: { accept: 'text/html' } });
    expect(captured({ env: { API_KEY: undefined, HOME: '/' } })).to.deep.equal({ env: { HOME: '/' } });
  });

  it('P13 are masked in the record alone', () => {
    const headers = Object.freeze({ authorization: secret });
    const given = Object.freeze({ headers, password: secret });
    expect(captured(given)).to.deep.equal({ headers: { authorization: '[Masked]' }, password: '[Masked]' });
    expect(given).to.deep.equal({ headers: { authorization: secret }, password: secret });
  });

  it('P11 costs no call when headers cannot be read', () => {
    const given = {
      get headers() {
        return {
          get authorization() {
            throw new Error('no');
          },
          ok: 1,
        };
      },
    };
    expect(captured(given)).to.deep.equal({ headers: '[Throws: no]' });
  });

  // Expressions that look at a part of a text again for each part before it would take minutes here.
  it('are found in linear time in long texts that nearly look like them', () => {
    const parts = [
      '?auth',
      'key',
      '?a',
      'a=',
      '"a',
      '"a":"',
      '\\',
      '://',
      '://a',
      'bearer ',
      'oken":"',
      'x-',
      ' ',
      '\n',
      '-----BEGIN ',
    ];
    for (const part of parts) {
      const url = `?${part.repeat(300_000 / part.length)}`;
      const rows = Array.from({ length: 20 }, () => ({ url }));
      expect(captured({ url, body: url, error: new Error(url) }), part).to.be.an('object');
      expect(captured(rows), part).to.be.an('array');
    }
  });
});
