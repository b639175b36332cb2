import { expect } from 'chai';
import { createLog } from '../../../lib/common/log.js';
import type { DeliveryOptions } from '../../../lib/delivery/delivery.js';
import { adviceFor } from '../../../lib/delivery/report/reasons.js';
import {
  lateSpansRecord,
  scoreRecord,
  spanRecord,
  startDelivery,
  testKey,
  traceRecord,
} from '../../support/delivery.js';
import { type Behave, startReceiver } from '../../support/receiver.js';

/** A delivery whose loud lines are kept; `heard` resolves with the next one. */
function startHeard(endpoint: string, options: Partial<DeliveryOptions> = {}) {
  const loud: string[] = [];
  let hear = (_: string) => {};
  const heard = new Promise<string>((resolve) => {
    hear = resolve;
  });
  const log = createLog({
    debug: false,
    write(line) {
      loud.push(line);
      hear(line);
    },
  });
  const { delivery } = startDelivery(endpoint, { log, ...options, timing: { faultLogMs: 60, ...options.timing } });
  return { delivery, loud, heard };
}

const hostOf = (url: string) => new URL(url).host;

describe('Delivery', () => {
  describe('with something that keeps a single trace from arriving', () => {
    const reasons: Record<string, { readonly behave?: Behave; readonly endpoint?: string; readonly says: RegExp }> = {
      'a port where nobody listens': { says: /ECONNREFUSED.*check endpoint/ },
      'a name that is not known': {
        endpoint: 'http://pandaprobe.invalid',
        says: /(ENOTFOUND|EAI_AGAIN).*check endpoint/,
      },
      'a 503': {
        behave: () => ({ status: 503, body: { detail: 'in maintenance' } }),
        says: /HTTP 503 \(in maintenance\).*look into its log/,
      },
      'a 500': { behave: () => ({ status: 500 }), says: /HTTP 500.*look into its log/ },
      'a cut connection': { behave: () => 'cut', says: /ECONNRESET.*can be reached/ },
      'no answer': { behave: () => 'hang', says: /ETIMEDOUT.*requestTimeoutMs/ },
      'a refused key': {
        behave: () => ({ status: 401, body: { detail: 'Invalid API key' } }),
        says: /check apiKey and projectName.*Invalid API key/,
      },
      'another server': { behave: () => ({ status: 404 }), says: /check endpoint.*HTTP 404/ },
    };
    for (const [name, { behave, endpoint, says }] of Object.entries(reasons)) {
      it(`P33 says why, where, what to do and how many are kept: ${name}`, async () => {
        await using receiver = await startReceiver({ behave: behave ?? (() => undefined) });
        if (behave === undefined) await receiver.refuse();
        const url = endpoint ?? receiver.url;
        const { delivery, loud, heard } = startHeard(url, { requestTimeoutMs: 200, flushIntervalMs: 1 });
        delivery.trace(traceRecord());
        const line = await heard;
        expect(line).to.match(says).and.include(hostOf(url)).and.include('1 item is kept');
        expect(line).to.not.include(testKey);
        expect(loud).to.have.length(1);
        await delivery.shutdown({ timeoutMs: 50 });
        expect(loud).to.have.length(2);
        expect(loud[1]).to.include(`1 item could not be delivered before shutdown, to ${hostOf(url)}: `);
        for (const part of says.source.split('.*')) expect(loud[1]).to.match(new RegExp(part));
      });
    }

    it('says nothing of a fault that is over at once', async () => {
      let isFirst = true;
      await using receiver = await startReceiver({
        behave() {
          const behaviour = isFirst ? 'cut' : undefined;
          isFirst = false;
          return behaviour;
        },
      });
      const { delivery, loud } = startHeard(receiver.url, { timing: { faultLogMs: 600 } });
      delivery.trace(traceRecord());
      expect(await delivery.flush()).to.include({ ok: true });
      delivery.trace(traceRecord());
      await new Promise((resolve) => setTimeout(resolve, 700)); // longer than it takes to tell a fault that is not over
      expect(await delivery.shutdown()).to.include({ ok: true });
      expect(loud).to.deep.equal([]);
    });

    it('P33 says at the end of the process why a score whose trace is unknown was not delivered', async () => {
      await using receiver = await startReceiver();
      const { delivery, loud } = startHeard(receiver.url);
      delivery.score(scoreRecord(traceRecord().traceId));
      await delivery.shutdown({ timeoutMs: 200 });
      expect(loud.join())
        .to.include(hostOf(receiver.url))
        .and.match(/HTTP (404|500).*check the trace id/);
    });
  });

  describe('with every loss', () => {
    it('P33 names the cause when the queue overflows', async () => {
      await using receiver = await startReceiver();
      await receiver.refuse();
      const { delivery, loud } = startHeard(receiver.url, { maxQueueSize: 2, timing: { faultLogMs: 60_000 } });
      delivery.trace(traceRecord());
      await delivery.flush({ timeoutMs: 100 });
      delivery.trace(traceRecord());
      delivery.trace(traceRecord());
      expect(loud).to.have.length(1);
      expect(loud[0])
        .to.match(/maxQueueSize 2.*ECONNREFUSED.*check endpoint/)
        .and.include(hostOf(receiver.url));
      await delivery.shutdown({ timeoutMs: 0 });
    });
    it('P33 says what to do if more is recorded than the backend accepts, or a trace is too large', async () => {
      const { delivery, loud } = startHeard('http://127.0.0.1:9', { maxQueueSize: 1, maxQueueBytes: 2000 });
      delivery.trace(traceRecord());
      delivery.trace(traceRecord());
      delivery.trace(traceRecord({ name: 'x'.repeat(3000) }));
      expect(loud[0]).to.match(/maxQueueSize 1.*127\.0\.0\.1:9.*sampleRate/);
      expect(loud[1]).to.match(/127\.0\.0\.1:9.*maxQueueBytes \(2000\)/);
      delivery.exit(0);
      expect(loud.at(-1)).to.include('127.0.0.1:9');
    });
    it('P33 names the limit if the smallest request is too large for the backend or a proxy', async () => {
      await using receiver = await startReceiver({ behave: () => ({ status: 413, body: { detail: 'too large' } }) });
      const { delivery, loud } = startHeard(receiver.url);
      delivery.trace(traceRecord());
      expect(await delivery.flush()).to.include({ ok: false, failed: 1 });
      expect(loud[0])
        .to.match(/^.*gave up the trace .*HTTP 413 \(too large\).*raise that limit, or lower maxValueBytes/)
        .and.not.include('correct the fields');
      await delivery.shutdown();
    });
    it('P33 names the cause for late spans and scores of a lost trace, and for records after shutdown()', async () => {
      await using receiver = await startReceiver({ behave: () => ({ status: 409 }) });
      const { delivery, loud } = startHeard(receiver.url);
      const trace = traceRecord();
      delivery.trace(trace);
      await delivery.flush();
      delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord()));
      expect(loud.at(-1)).to.include(`late spans of trace ${trace.traceId}`).and.include(hostOf(receiver.url));
      await delivery.shutdown();
      delivery.trace(traceRecord());
      expect(loud.at(-1))
        .to.match(/after shutdown\(\)/)
        .and.include(hostOf(receiver.url));
    });
  });

  describe('with debug', () => {
    for (const worker of ['inline', 'thread'] as const) {
      it(`prints each request with its outcome, ${worker}`, async () => {
        let posts = 0;
        await using receiver = await startReceiver({
          behave: ({ call }) => (call === 'POST /traces' && ++posts === 1 ? 'cut' : undefined),
        });
        const { delivery, lines } = startDelivery(receiver.url, { worker, debug: true });
        const trace = traceRecord();
        delivery.trace(trace);
        delivery.score(scoreRecord(trace.traceId));
        expect(await delivery.flush()).to.include({ ok: true, delivered: 2 });
        const [cut, stored, scored] = lines.filter((line) => line.includes('POST '));
        const [request] = receiver.requests;
        expect(cut)
          .to.match(/POST \/traces, \d+ bytes: ECONNRESET in \d+ ms; 1 item \(trace /)
          .and.include(trace.traceId);
        expect(cut).to.include(`${request?.bytes} bytes`).and.include(String(request?.headers['x-request-id']));
        expect(stored).to.match(/POST \/traces, \d+ bytes: 202 in \d+ ms/);
        expect(scored).to.match(/POST \/evaluations\/trace-scores, \d+ bytes: 201 in \d+ ms; 1 item \(score of trace /);
        expect(lines.join()).to.not.include(testKey);
        await delivery.shutdown();
      });
    }
    it('prints no request without debug', async () => {
      await using receiver = await startReceiver();
      const { delivery, lines } = startDelivery(receiver.url);
      delivery.trace(traceRecord());
      await delivery.flush();
      expect(lines).to.deep.equal([]);
      await delivery.shutdown();
    });
  });

  it('P33 says what to do if this process or machine prevents the connection', () => {
    const advice = (detail: string) => adviceFor({ cause: 'fault', status: undefined, detail }, false);
    expect(advice('EMFILE, request r-1')).to.include('too many files');
    expect(advice('EWHAT, request r-1')).to.equal('check that it runs and can be reached');
  });
});
