import diagnosticsChannel from 'node:diagnostics_channel';
import { Agent, createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import sinon from 'sinon';
import { init, MemorySink, setSession, setUser, shutdown, startTrace, withSpan, withTrace } from '../../lib/index.js';

describe('Requests of one connection', () => {
  let memory: MemorySink;
  let server: Server;
  let agent: Agent;
  /** What a request does before its answer. */
  let handle: (path: string) => void;

  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
    server = createServer((request, response) => {
      handle(`${request.url}`.slice(1));
      response.end();
    });
  });
  afterEach(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });

  const listen = () => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  async function ask(path: string): Promise<void> {
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve, reject) => {
      const request = get({ port, path: `/${path}`, agent }, (response) => response.resume().on('end', resolve));
      request.on('error', reject);
    });
  }

  it('do not see the session and user that an earlier one has set', async () => {
    handle = (path) => {
      if (path !== 'nobody') {
        setUser(path);
        setSession(`chat of ${path}`);
      }
      withTrace(path, () => {});
    };
    await listen();
    for (const path of ['nobody', 'ada', 'nobody', 'bob', 'nobody']) await ask(path);
    expect(memory.traces.map((t) => [t.name, t.userId, t.sessionId])).to.deep.equal([
      ['nobody', undefined, undefined],
      ['ada', 'ada', 'chat of ada'],
      ['nobody', undefined, undefined],
      ['bob', 'bob', 'chat of bob'],
      ['nobody', undefined, undefined],
    ]);
  });

  it('do not see what the first one has set, if recording begins in that one', async () => {
    await shutdown();
    handle = (path) => {
      if (path === 'ada') {
        setUser(path);
        init({ sinks: [memory] });
      }
      withTrace(path, () => {});
    };
    await listen();
    for (const path of ['ada', 'nobody']) await ask(path);
    expect(memory.traces.map((t) => [t.name, t.userId])).to.deep.equal([
      ['ada', 'ada'],
      ['nobody', undefined],
    ]);
  });

  it('do not add their spans to a trace that an earlier one has left open', async () => {
    let end: (() => void) | undefined;
    handle = (path) => {
      if (path !== 'first') withSpan(path, () => {});
      else {
        const trace = startTrace(path);
        end = () => trace.end();
      }
    };
    await listen();
    await ask('first');
    await ask('second');
    end?.();
    expect(memory.traces.map((t) => [t.name, t.spans.length])).to.deep.equal([['first', 0]]);
  });

  it('all belong to the trace in which their server was started', async () => {
    handle = (path) => {
      setUser(path);
      withSpan(path, () => {});
    };
    await withTrace('test', async () => {
      await listen();
      for (const path of ['one', 'two', 'three']) await ask(path);
    });
    expect(memory.tree()).to.equal('test\n├─ one OTHER\n├─ two OTHER\n└─ three OTHER');
  });

  it('are listened to as long as a client records, and no longer', async () => {
    // A copy of its own, because clients of other specs are counted, too.
    const copy = '../../lib/client/lifecycle/requests-apart.js?copy';
    const { keepRequestsApart }: typeof import('../../lib/client/lifecycle/requests-apart.js') = await import(copy);
    const subscribe = sinon.spy(diagnosticsChannel, 'subscribe');
    const unsubscribe = sinon.spy(diagnosticsChannel, 'unsubscribe');
    try {
      const ends = [keepRequestsApart(), keepRequestsApart()];
      ends[0]?.();
      expect([subscribe.callCount, unsubscribe.callCount]).to.deep.equal([1, 0]);
      ends[1]?.();
      expect(unsubscribe.args).to.deep.equal(subscribe.args);
    } finally {
      sinon.restore();
    }
  });
});
