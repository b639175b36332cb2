import type { ResultObserver } from '../../engine/follow.js';
import { followGenerator } from '../../engine/follow-stream.js';
import { patchHidden } from '../../engine/in-place.js';

/** Follows a framework's generator in place. `onBreak` is called when its reader is about to leave it early. */
export function followRun(generator: AsyncGenerator, observer: ResultObserver, onBreak: () => void): void {
  followGenerator(generator, observer);
  const { return: giveBack } = generator;
  patchHidden(generator, 'return', (value: unknown) => {
    onBreak();
    return giveBack.call(generator, value);
  });
}
