import type { Log } from '../../common/log.js';
import type { Settings } from '../../config/options.js';
import type { Recorder } from '../../engine/recorder.js';
import type { SinkGroup } from '../sinks/sink-group.js';
import { ClientRecorder } from './client-recorder.js';
import { createMutedRecorder } from './muted-recorder.js';

/**
 * Decides for each new trace of a client whether it is recorded.
 *
 * ```
 *  kept ──────────────────────────────> the client's recorder
 *  left out, with alwaysKeepErrors ───> a recorder that hands it on only if its status is ERROR
 *  left out ──────────────────────────> a recorder that records nothing
 * ```
 */
export class TraceSampling {
  readonly #settings: Settings;
  readonly #recorder: ClientRecorder;
  readonly #errorsOnly: ClientRecorder;
  readonly #muted: Recorder;
  /** Number of traces that this process left out. */
  sampledOut = 0;

  /** @param recorder - the one for traces that are kept */
  constructor(settings: Settings, sinks: SinkGroup, log: Log, recorder: ClientRecorder) {
    this.#settings = settings;
    this.#recorder = recorder;
    this.#muted = createMutedRecorder(recorder.destination, (trace) => recorder.leaveOut(trace));
    const keeps = ({ status }: { readonly status: string }) => {
      if (status !== 'ERROR') this.sampledOut += 1;
      return status === 'ERROR';
    };
    this.#errorsOnly = new ClientRecorder(settings, sinks, log, { keeps }, recorder);
  }

  /** @param isKept - what another process has decided for this trace; undefined if none has */
  recorderFor(isKept: boolean | undefined): Recorder {
    const { sampleRate, alwaysKeepErrors } = this.#settings;
    if (isKept === false) return this.#muted;
    if (isKept === true || sampleRate >= 1 || Math.random() < sampleRate) return this.#recorder;
    if (alwaysKeepErrors) return this.#errorsOnly;
    this.sampledOut += 1;
    return this.#muted;
  }
}
