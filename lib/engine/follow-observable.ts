import type { ResultObserver, Tools } from './follow.js';
import { patchHidden } from './in-place.js';

/*
 * An observable does its work again for each subscriber. The first subscriber is followed after the library has created it, in an
 * operator that passes it on unchanged. So the caller gets its own subscription.
 */

type AnyMethod = (...args: unknown[]) => unknown;
interface Observable {
  subscribe: AnyMethod;
  lift: AnyMethod;
}
interface Subscriber {
  next: AnyMethod;
  error: AnyMethod;
  complete: AnyMethod;
  unsubscribe: AnyMethod;
}

/** Whether a value is an observable of RxJS. */
export function isObservable(value: object): value is Observable {
  return 'subscribe' in value && 'lift' in value;
}

export function followObservable(observable: Observable, observer: ResultObserver, outside: Tools['outside']): boolean {
  const { subscribe, lift } = observable;
  let isFirst = true;
  patchHidden(observable, 'subscribe', function (this: unknown, ...args: unknown[]) {
    if (!isFirst) return subscribe.apply(this, args);
    isFirst = false;
    observer.tieTo?.(); // its source works now, even if nobody holds the observable
    const call = (subscriber: Subscriber) => {
      followSubscriber(subscriber, observer, outside());
      return observer.pull(() => subscribe.call(this, subscriber));
    };
    return (lift.call(this, { call }) as Observable).subscribe(...args); // by its contract
  });
  observer.tieTo?.(observable);
  return true;
}

/** Runs the subscriber in the frame in which it subscribed. */
function followSubscriber(subscriber: Subscriber, observer: ResultObserver, run: ReturnType<Tools['outside']>): void {
  const hook = (name: keyof Subscriber, onCall: (value: unknown) => void) => {
    const original = subscriber[name];
    patchHidden(subscriber, name, function (this: unknown, ...args: unknown[]) {
      onCall(args[0]);
      return run(() => original.apply(this, args));
    });
  };
  hook('next', (value) => observer.chunk(value));
  hook('error', (error) => observer.threw(error));
  hook('complete', () => observer.streamed(undefined));
  hook('unsubscribe', () => observer.streamed(undefined));
}
