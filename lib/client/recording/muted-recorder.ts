import { silentLog } from '../../common/log.js';
import type { Recorder } from '../../engine/recorder.js';
import type { Known } from './client-recorder.js';

/** Records nothing: for traces the sampling has left out. Their spans still belong to them and not to an outer trace. */
export function createMutedRecorder(destination: string | undefined, opened: (trace: Known) => void): Recorder {
  return {
    log: silentLog,
    isLeftOut: true,
    environment: undefined,
    release: undefined,
    destination,
    maxValueBytes: 0,
    captureInput: false,
    captureOutput: false,
    clock: { now: () => 0, anchorAt: () => 0 },
    value: () => undefined,
    captured: () => undefined,
    text: () => '',
    opened,
    ended(trace) {
      opened(trace); // one of another tracer's was not opened here
      return false;
    },
    late() {},
  };
}
