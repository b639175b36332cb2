import { createServer } from 'node:net';
import { expect } from 'chai';
import {
  init,
  type Mask,
  MemorySink,
  type Options,
  type SpanView,
  shutdown,
  withSpan,
  withTrace,
} from '../../lib/index.js';

/** The span of a call that throws `error`. */
async function failed(error: unknown, options: Partial<Options> = {}): Promise<SpanView> {
  const memory = new MemorySink();
  init({ sinks: [memory], ...options });
  const run = () =>
    withSpan('step', async () => {
      throw error;
    });
  await withTrace('agent', run).catch(() => {});
  const span = memory.traces[0]?.spans[0];
  if (span === undefined) throw new Error('expected a span');
  return span;
}

/** The `exception` of its metadata, without where it was thrown. */
async function exceptionOf(error: unknown, options: Partial<Options> = {}): Promise<unknown> {
  const { metadata } = await failed(error, options);
  return JSON.parse(JSON.stringify(metadata.exception ?? null, (key, value) => (key === 'stack' ? undefined : value)));
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

class CardDeclined extends Error {}

describe('The details of an error in metadata', () => {
  afterEach(() => shutdown());

  it('name its class beside the message, which stays as it is in error', async () => {
    const span = await failed(new CardDeclined('card declined'));
    expect(span.error).to.equal('card declined');
    expect(span.metadata.exception).to.include({ type: 'CardDeclined', message: 'card declined' });
  });

  it('say which address fetch could not reach, and why', async () => {
    const port = await closedPort();
    const error: unknown = await fetch(`http://127.0.0.1:${port}/`).catch((thrown: unknown) => thrown);
    const span = await failed(error);
    expect(span.error).to.equal('fetch failed');
    expect(await exceptionOf(error)).to.deep.equal({
      type: 'TypeError',
      message: 'fetch failed',
      cause: {
        ...{ type: 'Error', message: `connect ECONNREFUSED 127.0.0.1:${port}` },
        ...{ code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port },
      },
    });
  });

  it('P40 have the whole chain of causes, and the members of an AggregateError', async () => {
    const cause = new AggregateError([new TypeError('one'), new CardDeclined('two')], 'all failed', { cause: 'why' });
    expect(await exceptionOf(new Error('outer', { cause }))).to.deep.equal({
      ...{ type: 'Error', message: 'outer' },
      cause: {
        ...{ type: 'AggregateError', message: 'all failed', cause: { message: 'why' } },
        errors: [
          { type: 'TypeError', message: 'one' },
          { type: 'CardDeclined', message: 'two' },
        ],
      },
    });
  });

  it('have the error of a using block, and the error of disposing its resource', async () => {
    // As compilers make it where the platform has none.
    const [error, suppressed] = [new TypeError('cannot close'), new CardDeclined('declined')];
    const both = Object.assign(new Error('suppressed'), { name: 'SuppressedError', error, suppressed });
    expect(await exceptionOf(both)).to.deep.equal({
      ...{ type: 'SuppressedError', message: 'suppressed' },
      error: { type: 'TypeError', message: 'cannot close' },
      suppressed: { type: 'CardDeclined', message: 'declined' },
    });
    const other = Object.assign(new Error('other'), { error, suppressed });
    expect(await exceptionOf(other)).to.deep.equal({ type: 'Error', message: 'other' });
  });

  it('have the fields of a plain object that was thrown, without its credentials', async () => {
    const thrown = { code: 'PGRST116', hint: null, status: 406, password: 'hunter2' };
    const text = '{"code":"PGRST116","hint":null,"status":406,"password":"[Masked]"}';
    expect((await failed(thrown)).error).to.equal(text);
    expect(await exceptionOf(new Error('outer', { cause: thrown }))).to.have.deep.property('cause', {
      ...{ message: text, code: 'PGRST116' },
    });
    const response = new Response('sorry', { status: 503 });
    expect((await failed(response)).error)
      .to.include('503')
      .and.not.include('sorry');
    const mask: Mask = (value) => JSON.parse(JSON.stringify(value).replaceAll('PGRST', '***'));
    expect((await failed(thrown, { mask })).error)
      .to.include('"code":"***116"')
      .and.not.include('PGRST');
  });

  it('have members and causes that are no objects', async () => {
    const error = await Promise.any([Promise.reject('slow'), Promise.reject(404)]).catch((thrown: unknown) => thrown);
    expect(await exceptionOf(error)).to.have.deep.property('errors', [{ message: 'slow' }, { message: '404' }]);
    expect(await exceptionOf(new Error('outer', { cause: 503 }))).to.have.deep.property('cause', { message: '503' });
  });

  it('P40 have the lines of the program in the stack, without those of Node', async () => {
    const span = await failed(new Error('here'));
    const { stack } = span.metadata.exception as { stack: string };
    expect(stack)
      .to.match(/^at .*error-details\.spec\.ts:\d+:\d+/)
      .and.not.include('node:');
    expect(stack.split('\n').length).to.be.at.most(10);
  });

  it('have no lines of this package in the stack, also on Windows', async () => {
    const error = new Error('here');
    const ours = [
      '/a/node_modules/pandaprobe-ts/dist/cjs/index.cjs',
      'C:\\a\\node_modules\\pandaprobe-ts\\dist\\cjs\\index.cjs',
    ];
    error.stack = `Error: here\n    at app (app.js:1:1)\n${ours.map((path) => `    at run (${path}:1:1)\n`).join('')}`;
    expect((await failed(error)).metadata).to.have.nested.property('exception.stack', 'at app (app.js:1:1)');
  });

  it('end if an error is its own cause, or has very many members', async () => {
    const loop = new Error('loop');
    loop.cause = loop;
    expect(JSON.stringify(await exceptionOf(loop)).split('"loop"').length - 1).to.equal(6);
    const many = new AggregateError(Array.from({ length: 1000 }, () => new Error('x')));
    expect(await exceptionOf(many))
      .to.have.property('errors')
      .with.lengthOf(5);
  });

  it('have the start of the stack, also behind a very long message', async () => {
    const long = new Error('x\n'.repeat(500_000));
    const deep = new Error('deep');
    deep.stack = `Error: deep\n    at first (app.js:1:1)\n${`    at ${'f'.repeat(5000)} (app.js:2:2)\n`.repeat(1000)}`;
    for (const [error, starts] of [
      [long, 'at '],
      [deep, 'at first (app.js:1:1)'],
    ] as const) {
      const { stack } = (await failed(error)).metadata.exception as { stack: string };
      expect(stack.startsWith(starts)).to.equal(true);
      expect(stack.length).to.be.at.most(20_000);
    }
  });

  it('P40 are masked as an error and as metadata are, causes and stack as well', async () => {
    const error = new Error('card z4111', { cause: new Error('with z4111') });
    error.stack = 'Error: card z4111\n    at payz4111 (app.js:1:1)';
    const seen = new Set<string>();
    const span = await failed(error, {
      mask(value, { field }) {
        seen.add(field);
        return JSON.parse(JSON.stringify(value).replaceAll('z4111', '[card]'));
      },
    });
    const text = JSON.stringify(span);
    expect(text).to.include('with [card]').and.include('at pay[card]');
    expect(text).to.not.include('z4111');
    expect([...seen]).to.include.members(['error', 'metadata']);
  });

  it('have no password of an address, and no other fields of the error', async () => {
    const error = Object.assign(new Error('no answer', { cause: new Error('postgres://me:hunter2@db/x refused') }), {
      config: { headers: { Authorization: 'Bearer abc123def456' } },
    });
    const text = JSON.stringify(await failed(error));
    expect(text).to.include('db/x refused');
    expect(text).to.not.match(/hunter2|abc123def456/);
  });

  it('are left out if no object was thrown, or a getter throws', async () => {
    const bad = Object.defineProperty(new Error('bad'), 'cause', {
      get() {
        throw new Error('no');
      },
    });
    for (const error of ['text', 7, undefined, bad]) {
      const { status, metadata } = await failed(error);
      expect([status, metadata]).to.deep.equal(['ERROR', {}]);
    }
  });

  it('are in the metadata of a trace without spans, beside the program’s own metadata', async () => {
    const memory = new MemorySink();
    init({ sinks: [memory] });
    const run = async () => {
      throw new CardDeclined('no');
    };
    await withTrace('agent', { metadata: { plan: 'pro' } }, run).catch(() => {});
    const { metadata } = memory.traces[0] ?? {};
    expect(metadata).to.include({ plan: 'pro', error: 'no' });
    expect(metadata?.exception).to.include({ type: 'CardDeclined' });
    expect(memory.tree()).to.equal('agent ERROR');
  });

  it('P40 are in the metadata of a trace whose spans did not fail with that error, and nowhere twice', async () => {
    const memory = new MemorySink();
    init({ sinks: [memory] });
    const failing = async (message: string) => {
      throw new CardDeclined(message);
    };
    await withTrace('own', async () => {
      await withSpan('caught', () => failing('tried')).catch(() => {});
      withSpan('fine', () => 'found');
      await failing('no');
    }).catch(() => {});
    await withTrace('of a span', () => withSpan('pay', () => failing('no'))).catch(() => {});
    const exceptions = memory.traces.map(({ metadata }) => metadata.exception);
    expect(exceptions[0]).to.include({ type: 'CardDeclined', message: 'no' });
    expect(exceptions[1]).to.equal(undefined);
  });
});
