import { EventEmitter } from 'node:events';
import threads from 'node:worker_threads';
import sinon from 'sinon';
import type { ThreadData } from '../../../lib/delivery/worker/thread-data.js';

/** A thread that runs nothing. */
export class FakeThread extends EventEmitter {
  static started: FakeThread[] = [];
  /** What was passed to it: at its start, then by messages. */
  readonly got: ThreadData[];
  readonly env: unknown;
  isRef = true;
  constructor(_: string, options: threads.WorkerOptions) {
    super();
    this.got = [options.workerData];
    this.env = options.env;
    FakeThread.started.push(this);
  }
  postMessage(data: ThreadData): void {
    this.got.push(data);
  }
  unref(): void {
    this.isRef = false;
  }
}

/** From here to `sinon.restore()`, threads are fakes. */
export function fakeThreads(): void {
  FakeThread.started = [];
  sinon.stub(threads, 'Worker').value(FakeThread);
}
