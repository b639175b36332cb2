import sinon from 'sinon';
import { real } from '../../lib/common/real-time.js';

/** Replaces the named clocks and timers of lib/ by fakes that the spec controls. Those of other code are not replaced. */
export function fakeTime(...toFake: Exclude<keyof typeof real, 'nextTick'>[]): sinon.SinonFakeTimers {
  const before = { ...real };
  const global = { ...real, performance, Date };
  const config = { toFake, global }; // the types of sinon do not know of `global`
  const clock = sinon.useFakeTimers(config);
  for (const name of toFake) Object.assign(real, { [name]: global[name] });
  const { restore } = clock;
  return Object.assign(clock, {
    restore() {
      restore.call(clock);
      Object.assign(real, before);
    },
  });
}
