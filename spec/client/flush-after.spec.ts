import { expect } from 'chai';
import { flushAfter, init, shutdown, withTrace } from '../../lib/index.js';
import { type Receiver, startReceiver } from '../support/receiver.js';

const vercel = Symbol.for('@vercel/request-context');
const next = Symbol.for('@next/request-context');
const shared = globalThis as Record<symbol, unknown>;

describe('flushAfter()', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
    init({ apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url, worker: 'inline' });
  });
  afterEach(async () => {
    delete shared[vercel];
    delete shared[next];
    await shutdown({ timeoutMs: 0 });
    await receiver.close();
  });

  const record = (question: string) => withTrace('turn', async () => `about ${question}`);
  const failure = new Error('the handler failed');
  /** For a machine on which a flush takes longer than the two seconds that it has by default. */
  const patient = { timeoutMs: 30_000 };

  it('delivers what the handler recorded before it resolves, and gives back its result', async () => {
    expect(await flushAfter(record, patient)('pandas')).to.equal('about pandas');
    expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['turn']);
  });

  it('delivers what a failing handler recorded, and rejects with its very error', async () => {
    const handler = flushAfter(
      () =>
        withTrace('turn', () => {
          throw failure;
        }),
      patient,
    );
    expect(await handler().catch((error: unknown) => error)).to.equal(failure);
    expect(receiver.traces).to.have.length(1);
  });

  it('keeps this and the arguments', async () => {
    const api = {
      name: 'api',
      handle: flushAfter(async function (this: unknown, a: number, b: number) {
        return [this, a, b];
      }),
    };
    expect(await api.handle(1, 2)).to.deep.equal([api, 1, 2]);
  });

  it('keeps marks on a handler, such as that of Lambda’s streamifyResponse()', async () => {
    const streaming = Symbol.for('aws.lambda.runtime.handler.streaming');
    const streamifyResponse = <F extends object>(handler: F) => Object.assign(handler, { [streaming]: 'response' });
    const answer = async (event: string, stream: string[], _context: object) => void stream.push(`about ${event}`);
    const handler = flushAfter(streamifyResponse(answer), patient);
    expect(handler).to.include({ [streaming]: 'response', name: 'answer', length: 3 });
    const stream: string[] = [];
    await handler('pandas', stream, {});
    expect(stream).to.deep.equal(['about pandas']);
  });

  it('P3 resolves when the time is up although the backend never answers', async () => {
    receiver.behave = () => 'hang';
    expect(await flushAfter(record, { timeoutMs: 50 })('pandas')).to.equal('about pandas');
  });

  for (const [platform, symbol] of [
    ['a context among the arguments', undefined],
    ["Vercel's context of the request", vercel],
    ["Next.js's context of the request", next],
  ] as const) {
    it(`hands the flush to ${platform} and does not hold up the answer`, async () => {
      const waited: Promise<unknown>[] = [];
      const ctx = { waitUntil: (promise: Promise<unknown>) => void waited.push(promise) };
      receiver.behave = () => 'hang';
      if (symbol !== undefined) shared[symbol] = { get: () => ctx };
      const handler = (question: string, _ctx?: typeof ctx) => record(question);
      const wrapped =
        symbol === undefined
          ? flushAfter(handler, { timeoutMs: 60_000, context: (_question, given) => given })
          : flushAfter(handler, { timeoutMs: 60_000 });
      expect(await wrapped('pandas', ctx)).to.equal('about pandas');
      expect(waited).to.have.length(1);
    });
  }

  it('P11 returns the result even if waitUntil is async and fails', async () => {
    const waitUntil: () => void = async () => {
      throw failure;
    };
    const handler = flushAfter(record, { context: () => ({ waitUntil }), ...patient });
    expect(await handler('pandas')).to.equal('about pandas');
  });

  it('waits for the flush itself if there is no context, it throws, or has no waitUntil', async () => {
    for (const context of [
      () => undefined,
      () => {
        throw failure;
      },
      () => ({
        waitUntil() {
          throw failure;
        },
      }),
    ]) {
      const before = receiver.traces.length;
      expect(await flushAfter(record, { context, ...patient })('pandas')).to.equal('about pandas');
      expect(receiver.traces).to.have.length(before + 1);
    }
    for (const given of [null, {}, { get: () => null }, { get: () => ({}) }]) {
      shared[vercel] = given;
      const before = receiver.traces.length;
      await flushAfter(record, patient)('pandas');
      expect(receiver.traces).to.have.length(before + 1);
    }
  });
});
