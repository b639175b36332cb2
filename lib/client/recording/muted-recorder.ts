import { silentLog } from '../../common/log.js';
import type { Recorder } from '../../engine/recorder.js';
import type { AnyTrace } from './client-recorder.js';

/**
 * Records nothing: for traces that sampling leaves out. Their spans still belong to them and not to an outer trace.
 * @param leaveOut - called with each of these traces
 */
export function createMutedRecorder(destination: string | undefined, leaveOut: (trace: AnyTrace) => void): Recorder {
  return {
    log: silentLog,
    isLeftOut: true,
    isMuted: true,
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
    opened: leaveOut,
    ended(trace) {
      leaveOut(trace); // a trace of another tracer was not opened here
      return false;
    },
    late() {},
  };
}
