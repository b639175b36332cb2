import { EventEmitter } from 'node:events';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import sinon from 'sinon';
import { real } from '../../lib/common/real-time.js';
import { createDelivery, type DeliveryOptions, type EarlyDelivery, type Loss } from '../../lib/delivery/delivery.js';
import { defaultTiming } from '../../lib/delivery/pace/timing.js';
import { deliveryOptions } from './delivery.js';
import { fakeTime } from './fake-time.js';

/** A request as the backend gets it. */
export interface SimulatedRequest {
  /** In milliseconds since the delivery was made. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** The parsed body. */
  readonly body: unknown;
}

/** What the backend does: this status after `delayMs`, or one of the faults of a connection. */
export type SimulatedAnswer =
  | 'refuses the connection'
  | 'hangs'
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
      readonly delayMs?: number;
    };

/** A delivery with all its parts, whose time and network are the spec's. Its waits are those that users have. */
export interface SimulatedDelivery {
  readonly delivery: EarlyDelivery;
  readonly lines: string[];
  readonly losses: Loss[];
  /** All requests so far. */
  readonly requests: readonly SimulatedRequest[];
  /** Requests so far as `1000 POST /traces`. */
  readonly times: () => string[];
  /** What the backend does from now on. Undefined: it takes the request, and says so at once. */
  backend: (request: SimulatedRequest) => SimulatedAnswer | undefined;
  /** Lets time go on, with all that happens meanwhile. */
  pass(ms: number): Promise<void>;
  /** Lets time go on until the promise settles. @returns its value, and how long that took in milliseconds */
  settled<T>(promise: Promise<T>): Promise<{ readonly value: T; readonly afterMs: number }>;
  /** Timers that are set. */
  timers(): number;
  stop(): void;
}

/** Longest simulated time for {@link SimulatedDelivery.settled}: two days. */
const longestMs = 172_800_000;

let running: SimulatedDelivery | undefined;

/** Ends the simulation that runs, if one does. For `afterEach`, because it must not go on after a failed test. */
export function stopSimulation(): void {
  running?.stop();
}

/** Starts such a delivery, and ends an earlier one. */
export async function simulateDelivery(options: Partial<DeliveryOptions> = {}): Promise<SimulatedDelivery> {
  stopSimulation();
  // The sender is imported when it is needed: with copies of all its modules where the specs were loaded by `require`.
  const sender = await import('../../lib/common/real-time.js');
  const realOfSender = { ...sender.real };
  const clock = fakeTime('setTimeout', 'clearTimeout', 'performance', 'Date');
  Object.assign(sender.real, real);
  const sandbox = sinon.createSandbox();
  sandbox.stub(Math, 'random').returns(0.5); // waits are as long as they are meant to be
  const requests: SimulatedRequest[] = [];
  const timing = { ...defaultTiming, ...options.timing };
  const made = deliveryOptions('http://backend.invalid', { flushIntervalMs: 5000, ...options, timing });
  const startedAt = clock.now;

  /** All that follows from the last event has happened: nothing waits for anything outside of this thread. */
  async function quiet(): Promise<void> {
    // The sender is loaded by the first send. Modules come in the order in which they were asked for.
    if (requests.length === 0) await import('../../lib/delivery/start-sender.js');
    for (let turns = 0; turns < 6; turns += 1) await turn();
  }

  const simulated: SimulatedDelivery = {
    delivery: createDelivery({ ...made.options, timing }),
    lines: made.lines,
    losses: made.losses,
    requests,
    times: () => requests.map(({ at, method, path }) => `${at} ${method} ${path}`),
    backend: () => undefined,
    async pass(ms) {
      let isOver = false;
      clock.setTimeout(() => {
        isOver = true;
      }, ms);
      await quiet();
      while (!isOver) {
        clock.next();
        await quiet();
      }
    },
    async settled(promise) {
      const before = clock.now;
      let settledAt: number | undefined;
      const note = () => {
        settledAt = clock.now;
      };
      promise.then(note, note);
      await quiet();
      while (settledAt === undefined && clock.now - before < longestMs && clock.countTimers() > 0) {
        clock.next();
        await quiet();
      }
      if (settledAt === undefined) throw new Error('it would never settle');
      return { value: await promise, afterMs: settledAt - before };
    },
    timers: () => clock.countTimers(),
    stop() {
      if (running !== simulated) return;
      running = undefined;
      sandbox.restore();
      clock.restore();
      Object.assign(sender.real, realOfSender);
    },
  };

  sandbox.stub(http, 'request').callsFake(((target: RequestOptions) => {
    const events = Object.assign(new EventEmitter(), {
      socket: { connecting: false },
      destroyed: false,
      destroy() {
        events.destroyed = true;
        events.emit('close');
      },
      end(body: string | Buffer | undefined) {
        const { method = '', path = '' } = target;
        const text = body === undefined ? '' : body.toString();
        const request = {
          at: clock.now - startedAt,
          method,
          path: path ?? '',
          body: text === '' ? undefined : JSON.parse(text),
        };
        requests.push(request);
        const answer = simulated.backend(request) ?? taken(request);
        if (answer === 'hangs') return void events.emit('finish');
        if (answer === 'refuses the connection') {
          queueMicrotask(() =>
            events.emit('error', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })),
          );
          return;
        }
        events.emit('finish');
        const respond = () => {
          if (!events.destroyed) events.emit('response', response(answer));
        };
        if (answer.delayMs === undefined) queueMicrotask(respond);
        else clock.setTimeout(respond, answer.delayMs);
      },
    });
    return events;
  }) as unknown as typeof http.request);
  running = simulated;
  return simulated;
}

function taken({ method, path }: SimulatedRequest): SimulatedAnswer {
  if (method === 'GET') return { status: 404, body: { detail: 'Trace not found' } };
  return { status: path === '/traces' ? 202 : 201, body: {} };
}

function response({ status, headers = {}, body = {} }: SimulatedAnswer & object): IncomingMessage {
  const from = Readable.from([Buffer.from(JSON.stringify(body))]);
  const head = { statusCode: status, headers: { 'content-type': 'application/json', ...headers }, complete: true };
  return Object.assign(from, head) as unknown as IncomingMessage; // all that the transport reads
}
