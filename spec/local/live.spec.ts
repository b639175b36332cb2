import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Client } from '../../lib/index.js';
import { startRunning } from '../support/local-server.js';

interface Span {
  readonly name: string;
  readonly ended_at: string | null;
}

describe('Local server, while a trace is open', () => {
  it('stores it as RUNNING with its spans as they end, and notifies listeners', async () => {
    await using running = await startRunning();
    const { url } = running.server;
    const client = new Client({
      apiKey: 'sk_pp_any',
      projectName: 'spec',
      endpoint: url,
      worker: 'inline',
      live: 'auto',
    });
    const stop = new AbortController();
    const events = await fetch(`${url}/local/events?project=spec`, { signal: stop.signal });
    const reader = (events.body as ReadableStream<Uint8Array>).getReader(); // a stream of events has a body
    const trace = async () => (await running.call('GET', `/traces/${t.traceId}`)).body;
    /** Reads the trace each time the server tells of it, as a page does, until it is as it should be. */
    const seen = async (isSeen: (trace: { status: string; spans: Span[] }) => boolean) => {
      for (let text = ''; ; ) {
        const { value, done } = await reader.read();
        expect(done).to.equal(false);
        text += Buffer.from(value ?? []).toString();
        if (text.includes(t.traceId) && isSeen(await trace())) return;
      }
    };
    const t = client.trace('agent');
    for (let number = 1; number <= 3; number += 1) {
      const step = t.span(`step ${number}`);
      await sleep(20);
      step.end();
      const ended = (spans: Span[]) => spans.filter(({ ended_at }) => ended_at !== null).map(({ name }) => name);
      await seen(({ status, spans }) => status === 'RUNNING' && ended(spans).includes(`step ${number}`));
    }
    t.span('open');
    await seen(({ spans }) => spans.some(({ name, ended_at }) => name === 'open' && ended_at === null));
    t.end();
    await seen(({ status }) => status === 'COMPLETED');
    stop.abort();
    await client.shutdown();
  });
});
