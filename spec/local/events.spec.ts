import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect } from 'chai';
import sinon from 'sinon';
import { Events } from '../../lib/local/server/events.js';
import type { Store, StoreChange } from '../../lib/local/store/store.js';

/** As much of a response as events need, with a reader that can stand still. */
class Reader extends EventEmitter {
  writableLength = 0;
  text = '';
  writeHead(): void {}
  write(text: string): void {
    this.text += text;
  }
  end(): void {}
  get told(): string[] {
    return [...this.text.matchAll(/"trace_id":"([^"]*)"/g)].map(([, traceId = '']) => traceId);
  }
}

describe('Local server, events', () => {
  let clock: sinon.SinonFakeTimers;
  let change: (change: StoreChange) => void;
  let events: Events;
  let reader: Reader;
  beforeEach(() => {
    clock = sinon.useFakeTimers();
    const onChange = (listener: typeof change) => {
      change = listener;
      return () => {};
    };
    events = new Events({ onChange } as unknown as Store); // all they need of it
    reader = new Reader();
    const request = new EventEmitter() as IncomingMessage; // the same
    events.open(request, reader as unknown as ServerResponse, undefined); // the same
  });
  afterEach(() => {
    events.close();
    clock.restore();
  });

  it('name a trace once, however often it changed', () => {
    for (const traceId of ['a', 'b', 'a']) change({ project: 'p', traceId });
    expect(reader.told).to.deep.equal([]);
    clock.tick(100);
    expect(reader.told).to.deep.equal(['a', 'b']);
  });

  it('wait for a reader that is behind, and go on without another change', () => {
    reader.writableLength = 2 ** 21;
    change({ project: 'p', traceId: 'a' });
    clock.tick(1000);
    expect(reader.told).to.deep.equal([]);
    reader.writableLength = 0;
    reader.emit('drain');
    clock.tick(100);
    expect(reader.told).to.deep.equal(['a']);
  });

  it('keep the latest 10,000 for a reader that has stopped', () => {
    reader.writableLength = 2 ** 21;
    for (let n = 0; n < 30_000; n += 1) change({ project: 'p', traceId: String(n) });
    clock.tick(1000);
    reader.writableLength = 0;
    reader.emit('drain');
    clock.tick(100);
    expect(reader.told).to.have.lengthOf(10_000);
    expect([reader.told[0], reader.told.at(-1)]).to.deep.equal(['20000', '29999']);
  });
});
