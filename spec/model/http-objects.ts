import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import legacyUrl from 'node:url';
import axios from 'axios';
import express from 'express';
import fastify from 'fastify';
import got from 'got';
import ky from 'ky';
import superagent from 'superagent';
import * as undici from 'undici';
import { pair } from '../support/certificates.js';

/** What to close when done. */
type Close = () => unknown;

/** Objects of HTTP clients and servers that were given `secret` wherever they take one, by what they are. */
export interface HttpObjects {
  readonly values: ReadonlyMap<string, unknown>;
  readonly close: () => Promise<void>;
}

/** Runs `call`, and gives what it threw, or what it gave. */
async function settled(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

/** Asks servers on this machine through every client, with `secret` as key, cookie, password and in the query. */
export async function httpObjects(secret: string): Promise<HttpObjects> {
  const values = new Map<string, unknown>();
  const closes: Close[] = [];
  const server = http.createServer((request, response) => {
    const status = request.url?.startsWith('/bad') === true ? 403 : 200;
    response.writeHead(status, { 'content-type': 'application/json', 'set-cookie': `sid=${secret}` });
    response.end('{"ok":true}');
    if (!values.has('node request')) values.set('node request', request).set('node response', response);
  });
  closes.push(() => server.close());
  const base = await listen(server);
  const withUser = base.replace('//', `//user:${secret}@`);
  const headers = {
    authorization: `Bearer ${secret}`,
    cookie: `sid=${secret}`,
    'x-api-key': secret,
    'x-goog-api-key': secret,
    'x-vault-token': secret,
    'proxy-authorization': `Basic ${secret}`,
    'api-key': secret,
  };
  const query = `?api_key=${secret}&page=2&sig=${secret}`;

  const agent = new https.Agent({ keepAlive: true, passphrase: secret, pfx: secret, key: secret });
  const options = { headers, auth: { username: 'user', password: secret }, params: { token: secret, page: 2 } };
  const asked = { ...options, httpsAgent: agent, proxy: false as const };
  for (const path of ['/good', '/bad']) {
    values.set(`axios ${path}`, await settled(() => axios.get(`${base}${path}${query}`, asked)));
    const form = new URLSearchParams({ client_secret: secret });
    values.set(`axios post ${path}`, await settled(() => axios.post(`${withUser}${path}`, form, { headers })));
    values.set(
      `axios json ${path}`,
      await settled(() => axios.post(`${base}${path}`, { password: secret }, { headers })),
    );
    const agentCall = superagent.post(`${base}${path}${query}`).set(headers).auth('user', secret);
    values.set(`superagent request ${path}`, agentCall);
    values.set(`superagent ${path}`, await settled(() => agentCall.send({ password: secret })));
    const gotCall = got(`${base}${path}${query}`, { headers, username: 'user', password: secret, retry: { limit: 0 } });
    values.set(`got ${path}`, await settled(() => gotCall));
    values.set(`got json ${path}`, await settled(() => got(`${withUser}${path}`, { responseType: 'json', headers })));
    values.set(`ky ${path}`, await settled(() => ky(`${base}${path}${query}`, { headers, retry: 0 })));
    values.set(`fetch ${path}`, await settled(() => fetch(`${base}${path}${query}`, { headers })));
    values.set(`undici fetch ${path}`, await settled(() => undici.fetch(`${base}${path}${query}`, { headers })));
    const got1 = await undici.request(`${base}${path}${query}`, { headers, query: undefined as never });
    await got1.body.dump();
    values.set(`undici request ${path}`, got1);
    const throwing = new undici.Agent().compose(undici.interceptors.responseError());
    values.set(
      `undici error ${path}`,
      await settled(() => undici.request(`${base}${path}${query}`, { headers, dispatcher: throwing })),
    );
    const asking = http.request(`${base}${path}${query}`, {
      headers: { ...headers, 'x-plain': 'shown' },
      auth: `user:${secret}`,
    });
    const answered = await new Promise<http.IncomingMessage>((resolve) => asking.on('response', resolve).end());
    answered.resume();
    values.set(`ClientRequest ${path}`, asking).set(`IncomingMessage ${path}`, answered);
    values.set(`rawHeaders ${path}`, { rawHeaders: answered.rawHeaders, headersDistinct: answered.headersDistinct });
  }
  values.set('axios instance', axios.create({ baseURL: withUser, ...asked }).defaults);
  values.set('axios config', { method: 'post', url: `${base}/${query}`, ...asked, data: `password=${secret}&a=1` });
  values.set('axios refused', await settled(() => axios.get(`http://user:${secret}@127.0.0.1:1/${query}`, asked)));
  values.set('axios headers', new axios.AxiosHeaders(headers));
  values.set('got options', got.extend({ headers, username: 'user', password: secret }).defaults);
  values.set('got refused', await settled(() => got(`http://user:${secret}@127.0.0.1:1/`, { retry: { limit: 0 } })));
  values.set('ky refused', await settled(() => ky(`http://127.0.0.1:1/${query}`, { headers, retry: 0 })));
  values.set('fetch refused', await settled(() => fetch(`http://user:${secret}@127.0.0.1:1/`)));
  values.set('fetch unreadable', await settled(() => fetch(`http://user:${secret}@[oops/`)));
  values.set('superagent refused', await settled(() => superagent.get(`http://127.0.0.1:1/${query}`).set(headers)));
  values.set('superagent agent', superagent.agent().set(headers).auth('user', secret));
  values.set('fetch Request', new Request(`${base}/${query}`, { headers, method: 'POST', body: secret }));
  values.set('undici Request', new undici.Request(`${base}/${query}`, { headers }));
  values.set('fetch Headers', new Headers(headers));
  values.set('fetch Headers in options', {
    headers: new Headers(headers),
    method: 'POST',
    body: `{"password":"${secret}"}`,
  });
  values.set('fetch options', { headers, method: 'POST', body: JSON.stringify({ password: secret, model: 'm' }) });
  values.set('pairs of headers', { headers: Object.entries(headers), method: 'POST' });
  values.set('flat headers', { headers: Object.entries(headers).flat(), path: `/${query}` });
  values.set('a Map of headers', { headers: new Map(Object.entries(headers)) });
  values.set('a Map', new Map(Object.entries(headers)));
  values.set('https Agent', agent);
  values.set('http Agent', http.globalAgent);
  values.set('undici Client', new undici.Client(base, { connect: { passphrase: secret, key: secret } }));
  values.set('undici ProxyAgent', new undici.ProxyAgent({ uri: withUser, token: `Bearer ${secret}` }));
  values.set('URL', new URL(`${withUser}/${query}`));
  values.set('URL in an object', { to: new URL(`${withUser}/${query}#access_token=${secret}`) });
  values.set('URL of url.parse', legacyUrl.parse(`${withUser}/${query}`));
  values.set('URLSearchParams', new URLSearchParams({ client_secret: secret, page: '2' }));
  values.set('node options', { hostname: 'a', path: `/${query}`, headers, auth: `user:${secret}`, agent });
  values.set('TLS options', { ...pair('client'), passphrase: secret, pfx: Buffer.from(secret) });
  values.set('SecureContext', tls.createSecureContext(pair('client')));
  values.set('https server', https.createServer({ ...pair('server'), ticketKeys: Buffer.alloc(48, secret) }));

  for (const [name, made] of Object.entries({
    express: await expressPair(headers, query),
    fastify: await fastifyPair(headers, query),
  })) {
    values.set(`${name} request`, made.request).set(`${name} response`, made.response);
    closes.push(made.close);
  }
  const second = await http2Pair(headers, query);
  for (const [name, value] of Object.entries(second.values)) values.set(`http2 ${name}`, value);
  closes.push(second.close);
  return {
    values,
    close: async () => {
      for (const close of closes) await close();
      server.closeAllConnections();
    },
  };
}

async function listen(server: http.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Pair = { readonly request: unknown; readonly response: unknown; readonly close: Close };

async function expressPair(headers: Record<string, string>, query: string): Promise<Pair> {
  const app = express();
  app.use(express.json());
  let seen: { request: unknown; response: unknown } | undefined;
  app.post('/login', (request: unknown, response: http.ServerResponse) => {
    seen = { request, response };
    response.setHeader('set-cookie', headers.cookie ?? '').setHeader('x-api-key', headers['x-api-key'] ?? '');
    response.setHeader('content-length', 2).end('{}');
  });
  const server = http.createServer(app);
  const url = await listen(server);
  await fetch(`${url}/login${query}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ password: headers['x-api-key'] }),
  });
  return { request: seen?.request, response: seen?.response, close: () => server.close() };
}

async function fastifyPair(headers: Record<string, string>, query: string): Promise<Pair> {
  const app = fastify();
  let seen: { request: unknown; response: unknown } | undefined;
  app.post('/login', async (request, reply) => {
    seen = { request, response: reply };
    reply.header('set-cookie', headers.cookie);
    return { ok: true };
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  await fetch(`${url}/login${query}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ password: headers['x-api-key'] }),
  });
  return { request: seen?.request, response: seen?.response, close: () => app.close() };
}

async function http2Pair(headers: Record<string, string>, query: string) {
  const server = http2.createServer();
  const values: Record<string, unknown> = {};
  server.on('request', (request, response) => {
    values['server request'] = request;
    values['server response'] = response;
    response.setHeader('set-cookie', headers.cookie ?? '');
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = session.request({ ...headers, ':path': `/${query}` });
  await new Promise((resolve) => stream.on('response', resolve).end());
  stream.resume();
  values['client session'] = session;
  values['client stream'] = stream;
  const close = () => {
    session.destroy();
    server.close();
  };
  return { values, close };
}
