import { expect } from 'chai';
import { follow } from '../../lib/engine/follow.js';
import { listener } from './listener.js';
import { unhandledOf } from './unhandled.js';

describe('follow() of web streams and shared objects', () => {
  it('keeps a byte stream a byte stream in a tee(), and its chunks whole for the observer', async () => {
    const open = () =>
      new ReadableStream({
        type: 'bytes',
        start(controller) {
          controller.enqueue(new Uint8Array([1, 2, 3]));
          controller.close();
        },
      });
    const chunks: unknown[] = [];
    const observer = { ...listener(), chunk: (value: unknown) => void chunks.push(value) };
    const branches = follow(open, observer).tee();
    const read = await Promise.all(
      branches.map(async (branch) => {
        const reader = branch.getReader({ mode: 'byob' });
        const first = await reader.read(new Uint8Array(8));
        return [first.value, (await reader.read(new Uint8Array(8))).done];
      }),
    );
    expect(read).to.deep.equal([
      [new Uint8Array([1, 2, 3]), true],
      [new Uint8Array([1, 2, 3]), true],
    ]);
    expect(chunks).to.deep.equal([new Uint8Array([1, 2, 3])]);
    expect(observer.told).to.deep.equal(['streamed undefined']);
  });

  describe('a web stream that is read by several readers, one after the other', () => {
    const open = () =>
      new ReadableStream<string>({
        start(controller) {
          for (const item of ['a', 'b', 'c']) controller.enqueue(item);
          controller.close();
        },
      });
    const full = () =>
      new WritableStream({
        write() {
          throw new Error('full');
        },
      });

    it('is not locked after a pipe', async () => {
      const stream = follow(open, listener());
      await stream.pipeTo(new WritableStream());
      expect(stream.locked).to.equal(false);
    });

    it('is read on after a pipe that failed and left it open', async () => {
      const rest = async (stream: ReadableStream<string>) => {
        await stream.pipeTo(full(), { preventCancel: true }).catch(() => {});
        const reader = stream.getReader();
        const items: unknown[] = [];
        for (let step = await reader.read(); !step.done; step = await reader.read()) items.push(step.value);
        return items;
      };
      const observer = listener();
      expect(await rest(follow(open, observer))).to.deep.equal(await rest(open()));
      expect(observer.told.at(-1)).to.equal('streamed undefined');
    });

    it('P12 leaves the rejection of a pipe that nobody handles unhandled', async () => {
      for (const stream of [open(), follow(open, listener())]) {
        const reasons = await unhandledOf(() => void stream.pipeTo(full()));
        expect(reasons.map((reason) => (reason as Error).message)).to.deep.equal(['full']);
      }
    });

    it('has not failed when a reader gives up a read', async () => {
      const observer = listener();
      let supply: ReadableStreamDefaultController<string> | undefined;
      const start = (controller: ReadableStreamDefaultController<string>) => {
        supply = controller;
      };
      const stream = follow(() => new ReadableStream<string>({ start }), observer);
      const reader = stream.getReader();
      const waiting = reader.read().catch((error: Error) => error.name);
      reader.releaseLock();
      expect(await waiting).to.equal('TypeError');
      supply?.enqueue('late');
      supply?.close();
      for await (const _ of stream);
      expect(observer.told).to.deep.equal(['chunk late', 'streamed undefined']);
    });

    it('is over at once if somebody reads it already', () => {
      const observer = listener();
      const stream = open();
      stream.getReader();
      expect(follow(() => stream, observer)).to.equal(stream);
      expect(observer.told).to.deep.equal(['returned [object ReadableStream]']);
    });
  });

  it('P12 leaves an object alone whose readers are frozen, and counts the call as over', async () => {
    const steps = [1, 2];
    const iterable = {
      [Symbol.asyncIterator]: () =>
        Object.freeze({ next: async () => ({ done: steps.length === 0, value: steps.shift() }) }),
    };
    const stream = ReadableStream.from(['w']);
    const { getReader } = stream;
    stream.getReader = (() => Object.freeze(getReader.call(stream))) as typeof getReader;
    const response = { status: 200, bodyUsed: false, body: {}, json: async () => 'json', clone: () => undefined };
    const seen: unknown[] = [];
    const told = await Promise.all(
      [
        [
          iterable,
          async () => {
            for await (const item of iterable) seen.push(item);
          },
        ],
        [stream, async () => void seen.push((await stream.getReader().read()).value)],
        [response, async () => void seen.push(response.clone(), await response.json())],
      ].map(async ([value, use]) => {
        const observer = listener();
        expect(follow(() => value, observer)).to.equal(value);
        await (use as () => Promise<void>)();
        return observer.told.length;
      }),
    );
    expect(seen.map(String).toSorted()).to.deep.equal(['1', '2', 'json', 'undefined', 'w']);
    expect(told).to.deep.equal([1, 1, 1]);
  });

  it('is followed by each of many nested calls that return it', async () => {
    const gives = [
      () => ReadableStream.from(['w']),
      async function* () {
        yield 'w';
      },
    ];
    for (const give of gives) {
      let call: () => AsyncIterable<string> = give;
      const observers = Array.from({ length: 30 }, listener);
      for (const observer of observers) {
        const inner = call;
        call = () => follow(inner, observer);
      }
      for await (const _ of call());
      expect(observers.map(({ told }) => told.join())).to.deep.equal(observers.map(() => 'chunk w,streamed undefined'));
    }
  });

  it('follows a generator, a stream and a response only a bounded number of times if every call returns them', async () => {
    const generator = (function* () {
      yield 1;
      yield 2;
    })();
    const stream = ReadableStream.from(['w']);
    const response = new Response('body');
    for (const shared of [generator, stream, response]) {
      for (let i = 0; i < 20_000; i += 1) follow<unknown>(() => shared, listener());
    }
    expect([...generator]).to.deep.equal([1, 2]);
    expect(await response.clone().text()).to.equal('body');
    expect(await stream.getReader().read()).to.deep.equal({ done: false, value: 'w' });
  });
});
