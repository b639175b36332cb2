import { expect } from 'chai';
import { Client, flush, MemorySink, shutdown, suppressProviderSpans, withSpan, withTrace } from '../../lib/index.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';
import { providers } from './support/clients.js';

for (const { name, span, model, answer, wrap } of providers) {
  describe(`A wrapped ${name} client`, () => {
    let provider: Provider;
    let recorded: Recorded;
    before(async () => {
      provider = await startProvider(answer);
    });
    after(() => provider[Symbol.asyncDispose]());
    beforeEach(() => {
      recorded = record();
    });
    afterEach(stopRecording);

    describe('within suppressProviderSpans()', () => {
      it('records neither span nor trace of its own', async () => {
        const client = wrap(provider.url);
        await suppressProviderSpans(() => client.whole('plain'));
        expect(await suppressProviderSpans(async () => drain(await client.stream('plain')))).not.to.deep.equal([]);
        expect(recorded.traces).to.have.length(0);
      });

      it('leaves out only its own spans, not those of an integration and its tools, and is recorded again afterwards', async () => {
        const client = wrap(provider.url);
        await withTrace('agent', async () => {
          await withSpan('model call', { kind: 'LLM' }, () =>
            suppressProviderSpans(async () => {
              await client.whole('plain');
              await withSpan('request', () => client.whole('plain'));
            }),
          );
          await client.whole('plain');
        });
        expect(recorded.memory.tree()).to.equal(`agent\n├─ model call LLM\n│  └─ request OTHER\n└─ ${span} LLM`);
      });

      it('keeps a call apart from one that runs at the same time', async () => {
        const client = wrap(provider.url);
        await withTrace('agent', () =>
          Promise.all([suppressProviderSpans(() => client.whole('plain')), client.whole('plain')]),
        );
        expect(recorded.spans).to.have.length(1);
      });
    });

    describe('with a stream that nobody reads to its end', () => {
      it('keeps it open in flush(), and sends the output so far in shutdown()', async () => {
        const client = wrap(provider.url);
        const unread = await client.stream('stall');
        const begun = (await client.stream('stall'))[Symbol.asyncIterator]();
        const first = await begun.next();
        await flush({ timeoutMs: 100 });
        expect(recorded.traces).to.have.length(0);
        await shutdown({ timeoutMs: 100 });
        expect(recorded.traces.map(({ status }) => status)).to.deep.equal(['ERROR', 'ERROR']);
        for (const { status, metadata } of recorded.spans) {
          expect(status).to.equal('UNSET');
          expect(metadata['pandaprobe.unfinished']).to.equal(true);
        }
        expect(first.done).to.equal(false);
        // Both are still the reader's.
        await begun.return?.();
        await unread[Symbol.asyncIterator]().return?.();
      });
    });

    describe('with estimateCost', () => {
      it('records the cost from its own client, whole and streamed', async () => {
        const asked: unknown[] = [];
        const sink = new MemorySink();
        const estimateCost = (...[model, usage]: unknown[]) => asked.push([model, usage]);
        const own = new Client({ sinks: [sink], estimateCost });
        const client = wrap(provider.url, { client: own });
        await client.whole('plain');
        await drain(await client.stream('plain'));
        const spans = sink.traces.flatMap((trace) => trace.spans);
        expect(spans.map(({ cost }) => cost)).to.deep.equal([{ total: 1 }, { total: 2 }]);
        expect(asked).to.deep.equal(spans.map(({ tokenUsage }) => [model, tokenUsage]));
        await own.shutdown();
      });
    });
  });
}

describe('suppressProviderSpans()', () => {
  it("returns the function's result, and throws its errors", () => {
    const error = new Error('mine');
    const fail = () => {
      throw error;
    };
    expect(suppressProviderSpans(() => 42)).to.equal(42);
    expect(() => suppressProviderSpans(fail)).to.throw(error);
  });
});
