import { expect } from 'chai';
import { shutdown, spanFunction, traceFunction, withSpan, withTrace } from '../../lib/index.js';
import { type HttpObjects, httpObjects } from '../model/http-objects.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { whatGotOut } from './what-got-out.js';

const secret = 'sk-live-0c1d5e7f9a2b4c6d';

describe('P27 Credentials', () => {
  let receiver: Receiver;
  let objects: HttpObjects;
  before(async () => {
    receiver = await startReceiver({ check: checkBody });
    objects = await httpObjects(secret);
  });
  after(async () => {
    await shutdown();
    await objects.close();
    await receiver.close();
  });

  it('P27 of HTTP clients and servers are in no byte sent, printed or spooled', async () => {
    const fetched = (url: string) => fetch(url).catch(() => undefined);
    const got = await whatGotOut(
      receiver,
      async () => {
        for (const [name, value] of objects.values) {
          traceFunction((_given: unknown) => value, { name })(value);
          await traceFunction(async (...given: unknown[]) => ({ given }), { name })(value, [value]);
          withTrace(name, { metadata: { value } }, (t) => {
            withSpan('s', (s) => s.setInput(value).setOutput([value]).setMetadata({ value }).setError(value));
            t.setInput(value).setOutput({ value });
          });
          await traceFunction(
            async () => {
              throw value;
            },
            { name },
          )().catch(() => {});
          await traceFunction(
            async () => {
              throw new Error('lookup failed', { cause: value });
            },
            { name },
          )().catch(() => {});
        }
        const settle = spanFunction((of: unknown[]) => Promise.allSettled(of.map((one) => Promise.reject(one))));
        await withTrace('settled', () => settle([...objects.values.values()]));
        await traceFunction((url: string, headers: object) => [fetched(url), headers])(
          `http://user:${secret}@127.0.0.1:1/?key=${secret}`,
          { authorization: secret },
        );
      },
      { maxValueBytes: 200_000 },
    );
    expect(receiver.problems).to.deep.equal([]);
    expect(receiver.traces.length).to.be.greaterThan(300);
    for (const form of [secret, Buffer.from(`user:${secret}`).toString('base64')]) {
      const at = got.indexOf(form);
      expect(at, got.slice(Math.max(0, at - 300), at + 50)).to.equal(-1);
    }
  });
});
