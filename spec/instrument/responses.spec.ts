import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { fetch as undiciFetch, request as undiciRequest } from 'undici';
import { getClient, init, MemorySink, spanFunction, traceFunction, withTrace } from '../../lib/index.js';
import { turns } from '../support/recording.js';
import { until } from '../support/until.js';
import { type Form, sameAndOver } from './given.js';
import { startOrigin } from './origin.js';

const drain = async (chunks: AsyncIterable<unknown> | null) => {
  let count = 0;
  for await (const _ of chunks ?? []) count += 1;
  return count > 0;
};
const message = (error: Error) => error.message;

describe('P12 A call that returns a response is over when its body is', () => {
  let origin: Awaited<ReturnType<typeof startOrigin>>;
  before(async () => {
    origin = await startOrigin();
  });
  after(() => origin.close());

  const get = (path: string) => () => fetch(`${origin.url}${path}`);
  const of = (take: (response: Response) => unknown) => async (given: Promise<Response>) => take(await given);
  type Undici = ReturnType<typeof undiciRequest>;
  const forms: Record<string, Form> = {
    'is taken by json()': { make: get('/json'), take: of((response) => response.json()) },
    'is taken by text()': { make: get('/404'), take: of((response) => response.text()) },
    'is taken by arrayBuffer()': { make: get('/json'), take: of((response) => response.arrayBuffer()) },
    'is no JSON': { make: get('/odd'), take: of((response) => response.json().catch(() => 'no JSON')), error: /JSON/ },
    'is looked at, and is no JSON': {
      make: get('/odd'),
      take: of(async (response) => response.body && response.json().catch(() => 'no JSON')),
      error: /JSON/,
    },
    'is cut': { make: get('/cut'), take: of((response) => response.text().catch(message)), error: /terminated/ },
    'is read in a loop': { make: get('/json'), take: of((response) => drain(response.body)) },
    'is read by a reader': {
      make: get('/json'),
      take: of(async ({ body }) => {
        const reader = body?.getReader();
        while ((await reader?.read())?.done === false);
      }),
    },
    'is cut in a loop': {
      make: get('/cut'),
      take: of((response) => drain(response.body).catch(message)),
      error: /terminated/,
    },
    'is piped through': {
      make: get('/json'),
      take: of((response) => drain(response.body?.pipeThrough(new TextDecoderStream()) ?? null)),
    },
    'is piped to a stream': { make: get('/json'), take: of((response) => response.body?.pipeTo(new WritableStream())) },
    'is read by both ends of a tee()': {
      make: get('/json'),
      take: of((response) => Promise.all((response.body?.tee() ?? []).map(drain))),
    },
    'is given to another response': { make: get('/json'), take: of((response) => new Response(response.body).text()) },
    'is cancelled': { make: get('/json'), take: of((response) => response.body?.cancel()) },
    'is looked at before it is taken': {
      make: get('/json'),
      take: of((response) => (response.body === null ? undefined : response.json())),
    },
    'is read from a copy': { make: get('/json'), take: of((response) => response.clone().text()) },
    'is read twice, from a copy as well': {
      make: get('/json'),
      take: of(async (response) => [await response.clone().text(), await response.text()]),
    },
    'is not there': { make: get('/none'), take: of((response) => response.status) },
    'is asked for twice': {
      make: get('/json'),
      take: of(async (response) => [await response.text(), await response.text().catch(() => 'read before')]),
    },
    'is undici’s own': { make: () => undiciFetch(`${origin.url}/json`), take: of((response) => response.json()) },
    'is of undici.request()': {
      make: () => undiciRequest(`${origin.url}/json`),
      take: async (given: Undici) => (await given).body.json(),
    },
    'is of undici.request(), in a loop': {
      make: () => undiciRequest(`${origin.url}/json`),
      take: async (given: Undici) => drain((await given).body),
    },
    'is of undici.request(), cut': {
      make: () => undiciRequest(`${origin.url}/cut`),
      take: async (given: Undici) => drain((await given).body).catch(message),
      error: /closed|terminated/,
    },
  };
  for (const [name, form] of Object.entries(forms)) {
    it(`which ${name}`, () => sameAndOver({ ...form, count: () => origin.asked.length }));
  }

  describe('and no sooner', () => {
    let memory: MemorySink;
    beforeEach(() => {
      memory = new MemorySink();
      init({ sinks: [memory] });
    });
    const status = ({ status: code }: { status: number }) => ({ status: code });
    const ask = (path: string) => traceFunction(get(path), { name: 'ask', captureOutput: status });

    it('records the response when it arrives, and ends with its body', async () => {
      const response = await ask('/404')();
      await turns();
      expect(memory.traces).to.deep.equal([]);
      await response.text();
      expect(memory.traces[0]).to.include({ status: 'COMPLETED' });
      expect(memory.traces[0]?.output).to.deep.equal({ status: 404 });
    });

    it('ends the span of a response that is never read with its trace', async () => {
      const call = spanFunction(get('/json'), { name: 'ask', captureOutput: status });
      await withTrace('around', async () => void (await call()));
      const [span] = memory.traces[0]?.spans ?? [];
      expect(span).to.include({ status: 'OK' });
      expect(span?.output).to.deep.equal({ status: 200 });
      expect(span?.metadata).to.deep.equal({});
    });

    it('ends the trace of an unread response at a flush, and with the client', async () => {
      await ask('/json')();
      const read = await ask('/json')();
      const reader = read.body?.getReader();
      await reader?.read();
      await getClient().flush();
      expect(memory.traces.map(({ output }) => output)).to.deep.equal([{ status: 200 }]);
      await getClient().shutdown();
      expect(memory.traces.map((one) => one.status)).to.deep.equal(['COMPLETED', 'COMPLETED']);
      await reader?.cancel();
    });

    it('ends the trace of a response that is garbage-collected', async () => {
      setFlagsFromString('--expose-gc');
      const gc: () => void = runInNewContext('gc');
      await (async () => void (await ask('/json')()))();
      await until(() => {
        gc();
        return memory.traces.length === 1;
      });
      expect(memory.traces[0]).to.include({ status: 'COMPLETED' });
    });
  });
});
