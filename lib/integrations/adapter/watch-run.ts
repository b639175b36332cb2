import type { Watcher } from '../../engine/follow.js';
import { watchGenerator } from '../../engine/follow-stream.js';
import { cover } from '../../engine/in-place.js';

/** Watches a framework's generator in place. `onBreak` is called before its reader breaks it off. */
export function watchRun(generator: AsyncGenerator, watcher: Watcher, onBreak: () => void): void {
  watchGenerator(generator, watcher);
  const { return: giveBack } = generator;
  cover(generator, 'return', (value: unknown) => {
    onBreak();
    return giveBack.call(generator, value);
  });
}
