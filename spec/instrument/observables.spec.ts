import { expect } from 'chai';
import {
  BehaviorSubject,
  config,
  firstValueFrom,
  interval,
  lastValueFrom,
  map,
  NEVER,
  Observable,
  of,
  Subject,
  switchMap,
  take,
  throwError,
  toArray,
} from 'rxjs';
import { init, MemorySink, spanFunction, withSpan, withTrace } from '../../lib/index.js';
import { turns } from '../support/recording.js';
import { type Form, sameAndOver } from './given.js';

const error = new Error('mine');
let made = 0;
const counted = () =>
  new Observable<number>((subscriber) => {
    made += 1;
    subscriber.next(1);
    setImmediate(() => {
      subscriber.next(2);
      subscriber.complete();
    });
  });
const all = (given: Observable<unknown>) => lastValueFrom(given.pipe(toArray()));
const failure = (given: Observable<unknown>) =>
  new Promise((resolve) => void given.subscribe({ error: (thrown: Error) => resolve(thrown.message) }));

const forms: Record<string, Form> = {
  'that completes': { make: counted, take: all, output: [1, 2] },
  'that has all at once': { make: () => of('a', 'b'), take: all, output: ['a', 'b'] },
  'by functions': {
    make: counted,
    take: (given: Observable<number>) =>
      new Promise((resolve) => {
        const seen: number[] = [];
        given.subscribe({ next: (value) => seen.push(value), complete: () => resolve(seen) });
      }),
    output: [1, 2],
  },
  'that fails': { make: () => throwError(() => error), take: failure, error: 'mine' },
  'that fails in its work': {
    make: () =>
      new Observable(() => {
        throw error;
      }),
    take: failure,
    error: 'mine',
  },
  'of which one value is taken': { make: counted, take: firstValueFrom, output: [1] },
  'that is unsubscribed from': {
    make: () => NEVER,
    take: (given: Observable<never>) => given.subscribe().unsubscribe(),
  },
  'with operators behind it': {
    make: counted,
    take: (given: Observable<number>) => all(given.pipe(map((value) => value * 10))),
    output: [1, 2],
  },
  'inside another': {
    make: counted,
    take: (given: Observable<number>) => all(of(0).pipe(switchMap(() => given))),
    output: [1, 2],
  },
  'by forEach()': { make: counted, take: (given: Observable<number>) => given.forEach(() => {}), output: [1, 2] },
  'with two subscribers': {
    make: counted,
    take: (given: Observable<number>) => Promise.all([all(given), all(given)]),
    output: [1, 2],
  },
  'that is a subject': {
    make: () => {
      const subject = new Subject<number>();
      setImmediate(() => {
        subject.next(1);
        subject.complete();
      });
      return subject;
    },
    take: all,
    output: [1],
  },
  'that has a value': {
    make: () => new BehaviorSubject(1),
    take: (given: BehaviorSubject<number>) => firstValueFrom(given),
    output: [1],
  },
  'that goes on until it has enough': {
    make: () => interval(1),
    take: (given: Observable<number>) => all(given.pipe(take(2))),
    output: [0, 1],
  },
};

describe('P12 A call that returns an observable is over when the observable is', () => {
  for (const [name, form] of Object.entries(forms)) it(name, () => sameAndOver({ ...form, count: () => made }));

  it('returns the library’s subscription, and an error without an observer stays unhandled', async () => {
    init({ sinks: [new MemorySink()] });
    const unheard: unknown[] = [];
    config.onUnhandledError = (thrown) => unheard.push(thrown);
    const bare = of(1).subscribe();
    await withTrace('around', async () => {
      const given = spanFunction(() => throwError(() => error))();
      expect(given.subscribe()).to.be.instanceOf(bare.constructor);
      expect(Object.keys(given)).to.deep.equal(Object.keys(throwError(() => error)));
      await new Promise((resolve) => setTimeout(resolve, 0));
    });
    config.onUnhandledError = null;
    expect(unheard).to.deep.equal([error]);
  });

  it('runs its work in the span of the call, and its subscriber outside', async () => {
    const memory = new MemorySink();
    init({ sinks: [memory] });
    await withTrace('around', async () => {
      const make = spanFunction(
        () =>
          new Observable<number>((subscriber) => {
            withSpan('inside', () => {});
            subscriber.next(1);
            setImmediate(() => subscriber.complete());
          }),
        { name: 'call' },
      );
      make().subscribe({ next: () => withSpan('outside', () => {}), complete: () => withSpan('outside', () => {}) });
      await turns(3);
    });
    const { spans } = memory.traces[0]!;
    const call = spans.find(({ name }) => name === 'call');
    expect(spans.map(({ name, parentSpanId }) => [name, parentSpanId === call?.spanId])).to.deep.equal([
      ['call', false],
      ['inside', true],
      ['outside', false],
      ['outside', false],
    ]);
  });
});
