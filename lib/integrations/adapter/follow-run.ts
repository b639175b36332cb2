import { setImmediate } from '../../common/real-time.js';
import type { ResultObserver } from '../../engine/follow.js';
import { followGenerator } from '../../engine/follow-stream.js';
import { patchHidden } from '../../engine/in-place.js';
import { whenCollected } from './when-collected.js';

/** A generator that was garbage-collected. */
interface Left {
  /** How many were followed before it. */
  readonly place: number;
  readonly end: () => void;
}

let followed = 0;
let left: Left[] = [];

/**
 * Follows a framework's generator in place. `onLeave` is called when its reader is about to leave it early, or has left it without a
 * word, so that it was garbage-collected. Neither `observer` nor `onLeave` may reference the generator.
 */
export function followRun(generator: AsyncGenerator, observer: ResultObserver, onLeave: () => void): void {
  followGenerator(generator, observer);
  const { return: giveBack } = generator;
  patchHidden(generator, 'return', (value: unknown) => {
    onLeave();
    return giveBack.call(generator, value);
  });
  endWhenCollected(generator, observer, onLeave);
}

/**
 * A run's generator is collected together with those of its steps, in any order. Steps are followed later, and have to end earlier.
 * (A function of its own, so that its callback does not reference the generator.)
 */
function endWhenCollected(generator: object, observer: ResultObserver, onLeave: () => void): void {
  followed += 1;
  const place = followed;
  const end = () => {
    onLeave();
    observer.streamed(undefined);
  };
  whenCollected(generator, () => {
    left.push({ place, end });
    if (left.length === 1) setImmediate(endAll);
  });
}

function endAll(): void {
  const all = left.sort((one, other) => other.place - one.place);
  left = [];
  for (const { end } of all) end();
}
