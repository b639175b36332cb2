import http from 'node:http';
import { expect } from 'chai';
import { sequence } from '../support/random.js';
import { type Behave, type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { type Project, startProject } from '../support/trial.js';
import { until } from '../support/until.js';
import { miniflareVersion, startWorker, type Worker } from './workerd.js';

/*
 * One isolate answers six tenants at once, of which three send to one receiver and three to another. Whatever becomes of a request,
 * its trace goes to its tenant's receiver, with the tenant's key, and has its own spans only.
 */

/** Answers `/?tenant=a&kind=plain&id=1`. The trace and its spans have the tenant and the id in their names. */
const program = `
  import { Client, withSpan } from 'pandaprobe-ts';

  const clients = new Map();
  function clientOf(tenant, { EVEN, ODD }) {
    const endpoint = tenant.charCodeAt(0) % 2 === 0 ? EVEN : ODD;
    const client = clients.get(tenant) ?? new Client({ apiKey: 'sk_pp_' + tenant, projectName: tenant, endpoint });
    clients.set(tenant, client);
    return client;
  }

  const pause = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 4));

  async function work(name) {
    await pause();
    await withSpan('one ' + name, async () => { await pause(); await withSpan('below ' + name, pause); });
    await Promise.all(['two ', 'two '].map((step) => withSpan(step + name, pause)));
  }

  export default {
    async fetch(request, env, ctx) {
      const { searchParams } = new URL(request.url);
      const [tenant, kind, id] = ['tenant', 'kind', 'id'].map((each) => searchParams.get(each));
      const name = tenant + id;
      const client = clientOf(tenant, env);
      const run = () => client.trace(name).run(() => work(name));
      const flush = (of = client) => ctx.waitUntil(of.flush({ timeoutMs: 2000 }));
      switch (kind) {
        case 'unflushed':
          await run();
          break;
        case 'unflushed-error':
          await client.trace(name).run(async () => { await work(name); throw new Error('on purpose'); });
          break;
        case 'error':
          try {
            await client.trace(name).run(async () => { await work(name); throw new Error('on purpose'); });
          } finally { flush(); }
          break;
        case 'within': { // a trace of another tenant within this one
          const [other, its] = [clientOf(searchParams.get('other'), env), searchParams.get('other') + id];
          await client.trace(name).run(async () => { await other.trace(its).run(() => work(its)); await work(name); });
          flush();
          flush(other);
          break;
        }
        case 'stream': {
          const { readable, writable } = new TransformStream();
          const writer = writable.getWriter();
          const written = client.trace(name).run(async () => {
            for (let at = 0; at < 5; at += 1) {
              await pause();
              writer.write(new TextEncoder().encode('piece')).catch(() => {}); // never settles if the reader has left
            }
            await work(name);
            writer.close().catch(() => {});
          });
          ctx.waitUntil(written.then(() => client.flush({ timeoutMs: 2000 })));
          return new Response(readable);
        }
        case 'later': // the answer comes before the work
          ctx.waitUntil(run().then(() => client.flush({ timeoutMs: 2000 })));
          break;
        default:
          await run();
          flush();
      }
      return new Response('done');
    },
  };`;

const tenants = ['a', 'b', 'c', 'd', 'e', 'f'];
const kinds = ['plain', 'unflushed', 'error', 'unflushed-error', 'within', 'stream', 'later'];
/** Of these the client may leave in the middle of the answer, and the trace still comes. */
const leaveable = ['stream', 'later'];

/** Resolves when the answer is there, or the client has left, which it does as soon as an answer begins. */
function ask(url: string, leaves = false): Promise<void> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false }, (response) => {
      response.on('error', () => {}).on('close', resolve);
      if (leaves) request.destroy();
      else response.resume();
    });
    request.on('error', () => resolve());
  });
}

describe('On an edge runtime, tenants at once', () => {
  let project: Project;
  let even: Receiver;
  let odd: Receiver;
  let worker: Worker | undefined;
  before(async function () {
    project = await startProject(this, { miniflare: miniflareVersion, vite: '8.3.8' });
    await project.write({ 'package.json': '{ "private": true, "type": "module" }', 'worker.mjs': program });
  });
  after(() => project?.remove());
  beforeEach(async () => {
    [even, odd] = [await startReceiver(), await startReceiver()];
    worker = await startWorker(project, 'worker.mjs', {
      compatibilityFlags: ['nodejs_compat'],
      bindings: { EVEN: even.url, ODD: odd.url },
    });
  });
  afterEach(async () => {
    await worker?.dispose();
    worker = undefined;
    await even.close();
    await odd.close();
  });

  const url = (query: Readonly<Record<string, string>>) => `${worker?.url}?${new URLSearchParams(query)}`;
  const traces = () => [...even.traces, ...odd.traces];

  /** @returns the names of the traces that are to come */
  async function askAll(seed: number, count: number): Promise<readonly string[]> {
    const random = sequence(seed);
    const pick = (items: readonly string[]) => items[Math.floor(random() * items.length)] ?? '';
    const expected: string[] = [];
    const asked: Promise<void>[] = [];
    for (let at = 0; at < count; at += 1) {
      const [tenant, other, kind, id] = [pick(tenants), pick(tenants), pick(kinds), `_${at}`];
      const isSame = kind === 'within' && other === tenant;
      expected.push(tenant + id, ...(kind === 'within' ? [other + (isSame ? '' : id)] : []));
      const leaves = leaveable.includes(kind) && random() < 0.5;
      asked.push(ask(url({ tenant, other, kind: isSame ? 'plain' : kind, id }), leaves));
      if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, random() * 10));
    }
    await Promise.all(asked);
    return expected.filter((name) => name.includes('_'));
  }

  function expectApart(): void {
    for (const receiver of [even, odd]) {
      for (const { headers, body } of receiver.requests) {
        const tenant = String(headers['x-project-name']);
        expect(tenant.charCodeAt(0) % 2 === 0 ? even : odd).to.equal(receiver);
        expect(headers['x-api-key']).to.equal(`sk_pp_${tenant}`);
        expect((body as { readonly name: string }).name).to.match(new RegExp(`^${tenant}_`));
      }
    }
    for (const trace of traces()) {
      const { name } = trace;
      expect(treeOf(trace)).to.equal(`${name}(one ${name}(below ${name}), two ${name}, two ${name})`);
    }
  }

  for (const seed of [1, 2]) {
    it(`have each their traces, whatever becomes of a request, seed ${seed}`, async () => {
      const expected = await askAll(seed, 200);
      await until(() => traces().length >= expected.length);
      expect(traces().map(({ name }) => name)).to.have.members(expected);
      expectApart();
    });
  }

  it('have each their traces when the receivers fail in between and are there again', async () => {
    const random = sequence(3);
    const faults: readonly ReturnType<Behave>[] = ['hang', 'cut', 'cut-after', { status: 500 }, { delayMs: 300 }];
    const behave: Behave = () => (random() < 0.5 ? faults[Math.floor(random() * faults.length)] : undefined);
    even.behave = behave;
    odd.behave = behave;
    const expected = await askAll(4, 100);
    even.behave = () => undefined;
    odd.behave = () => undefined;
    // Later requests send what those before them have left behind.
    const have = () => new Set(traces().map(({ name }) => name));
    for (let id = 0; id < 200 && expected.some((name) => !have().has(name)); id += 1) {
      await Promise.all(tenants.map((tenant) => ask(url({ tenant, kind: 'plain', id: `_later${id}` }))));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(expected.filter((name) => !have().has(name))).to.deep.equal([]);
    expectApart();
  });
});
