import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, ContextManager } from '@opentelemetry/api';
import { expect } from 'chai';
import { Client } from '../../lib/client/client.js';
import { swapClient } from '../../lib/client/global-client.js';
import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import type { Options } from '../../lib/config/options.js';
import { startTrace, withSpan, withTrace } from '../../lib/instrument/context.js';
import { bridgeOpenTelemetry } from '../../lib/opentelemetry/opentelemetry.js';
import { needFrameworks } from './support/installed.js';
import { chat, type Sdk, sdks } from './support/otel-sdks.js';
import { statusTree } from './support/status-tree.js';

describe('PandaProbe and OpenTelemetry in one trace', () => {
  let api: typeof import('@opentelemetry/api');
  let memory: MemorySink;
  let client: Client;
  let sdk: Sdk;
  const ends: (() => void)[] = [];
  before(async function () {
    needFrameworks(this);
    api = await import('@opentelemetry/api');
  });
  beforeEach(() => {
    api.context.setGlobalContextManager(manager(api.ROOT_CONTEXT));
  });
  afterEach(async () => {
    api.context.disable();
    for (const end of ends.splice(0)) end();
    await sdk?.shutdown();
    swapClient(undefined);
    await client?.shutdown();
  });
  async function start(options: Options = {}): Promise<void> {
    memory = new MemorySink();
    client = new Client({ sinks: [memory], ...options }, {});
    swapClient(client);
    const open = sdks['2.12'] as (typeof sdks)[string];
    sdk = await open({ client });
  }
  /** A span of OpenTelemetry that is active while `fn` runs. */
  async function theirs<R>(name: string, fn: () => R, attributes: Record<string, string> = chat): Promise<Awaited<R>> {
    const span = sdk.tracer('gen_ai').startSpan(name, { attributes });
    try {
      return await api.context.with(api.trace.setSpan(api.context.active(), span), fn);
    } finally {
      span.end();
    }
  }
  const isActive = () => api.trace.getSpan(api.context.active()) !== undefined;

  it('P20 keeps them apart by default', async () => {
    await start();
    let outer = '';
    await theirs('request', () => {
      outer = api.trace.getActiveSpan()?.spanContext().traceId ?? '';
      return withTrace('agent', () => theirs('chat', () => withSpan('inner', () => {})));
    });
    const [agent, request] = memory.traces;
    expect([agent?.name, request?.name]).to.deep.equal(['agent', 'request']);
    expect(agent?.traceId.replaceAll('-', '')).not.to.equal(outer);
    expect(agent?.metadata ?? {}).to.deep.equal({});
    expect(statusTree(memory.traces.slice(0, 1))).to.equal('agent COMPLETED\n  inner OTHER OK');
  });

  describe('with joinOtel', () => {
    it("gives the first trace in one of OpenTelemetry's its id, and notes the parent", async () => {
      await start({ joinOtel: true });
      const { traceId, spanId } = await theirs(
        'request',
        () => {
          withTrace('first', { metadata: { own: 1 } }, () => withTrace('inner', () => {}));
          withTrace('second', () => {});
          return api.trace.getActiveSpan()?.spanContext() ?? expect.fail();
        },
        {},
      );
      withTrace('outside', () => {});
      const [first, second, outside] = ['first', 'second', 'outside'].map((name) =>
        memory.traces.find((trace) => trace.name === name),
      );
      const origin = { 'otel.trace_id': traceId, 'otel.parent_span_id': spanId };
      expect(first?.traceId.replaceAll('-', '')).to.equal(traceId);
      expect(first?.metadata).to.deep.equal({ ...origin, own: 1 });
      expect(second?.traceId).not.to.equal(first?.traceId);
      expect(second?.metadata).to.deep.equal(origin);
      expect(outside?.metadata ?? {}).to.deep.equal({});
    });
  });

  describe('with the bridge', () => {
    beforeEach(async () => {
      await start();
      ends.push(bridgeOpenTelemetry(api));
    });

    it('leaves out spans below a request that the sampler has left out', async () => {
      const flagsIn = async (traceFlags: number) => {
        const request = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags };
        const context = api.trace.setSpanContext(api.context.active(), request);
        const seen: (number | undefined)[] = [];
        const look = () => seen.push(api.trace.getActiveSpan()?.spanContext().traceFlags);
        await api.context.with(context, () =>
          withTrace('agent', async () => {
            look();
            await withSpan('search', async () => look());
          }),
        );
        return seen;
      };
      expect(await flagsIn(0)).to.deep.equal([0, 0]);
      expect(await flagsIn(1)).to.deep.equal([1, 1]);
      await withTrace('agent', () => theirs('chat', () => {}));
      expect(statusTree(memory.traces.slice(-1))).to.equal('agent COMPLETED\n  chat LLM UNSET');
    });

    it('puts spans of OpenTelemetry below the callback that they start in', async () => {
      await withTrace('agent', async () => {
        await theirs('directly', () => {});
        await withSpan('search', async () => {
          await Promise.resolve();
          await theirs('chat', () => theirs('nested', () => {}));
          await withSpan('inner', () => theirs('deep', () => {}));
        });
      });
      const byName = memory.traces.map((trace) => ({
        ...trace,
        spans: trace.spans.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      }));
      expect(statusTree(byName)).to.equal(
        [
          'agent COMPLETED',
          '  directly LLM UNSET',
          '  search OTHER OK',
          '    chat LLM UNSET',
          '      nested LLM UNSET',
          '    inner OTHER OK',
          '      deep LLM UNSET',
        ].join('\n'),
      );
    });

    it('passes results and errors of callbacks through unchanged, and leaves nothing active', async () => {
      const error = new Error('own');
      expect(withTrace('sync', () => 7)).to.equal(7);
      expect(() =>
        withTrace('throws', () => {
          expect(isActive()).to.equal(true);
          throw error;
        }),
      ).to.throw(error);
      let runs = 0;
      await withTrace('async', async () => {
        await Promise.resolve();
        runs += 1;
        expect(isActive()).to.equal(true);
      });
      expect(runs).to.equal(1);
      expect(isActive()).to.equal(false);
      const handle = startTrace('handle');
      expect(isActive()).to.equal(false);
      handle.end();
    });

    it('leaves out traces by sampling, with the spans of OpenTelemetry in them', async () => {
      const dropping = new Client({ sinks: [memory], sampleRate: 0 }, {});
      swapClient(dropping);
      await withTrace('agent', () => theirs('chat', () => {}));
      await dropping.shutdown();
      expect(memory.traces).to.have.length(0);
    });

    it('stops when it is removed', async () => {
      for (const end of ends.splice(0)) end();
      withTrace('agent', () => expect(isActive()).to.equal(false));
    });

    it('runs a callback once if the API is broken', () => {
      const broken = new Proxy(api, {
        get: (target, name) => (name === 'createTraceState' ? undefined : Reflect.get(target, name)),
      });
      for (const end of ends.splice(0)) end();
      ends.push(bridgeOpenTelemetry(broken));
      let runs = 0;
      withTrace('agent', () => {
        runs += 1;
      });
      expect(runs).to.equal(1);
    });
  });
});

/** What every SDK for Node has: contexts that follow the flow of control. */
function manager(root: Context): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const made: ContextManager = {
    active: () => storage.getStore() ?? root,
    with: (context, fn, thisArg, ...args) => storage.run(context, () => Reflect.apply(fn, thisArg, args)),
    bind: (_context, target) => target,
    enable: () => made,
    disable: () => made,
  };
  return made;
}
