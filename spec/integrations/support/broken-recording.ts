import { recorderOf } from '../../../lib/client/recording/client-parts.js';
import { emptyFrame } from '../../../lib/engine/frame.js';
import { getClient } from '../../../lib/index.js';
import { stderrOf } from '../../support/stderr.js';

/**
 * Runs `fn` while recording fails: the clock of the process-wide client throws an error with the text S3CRET.
 * @returns the lines on stderr meanwhile
 */
export function withBrokenRecording(fn: () => Promise<void>): Promise<readonly string[]> {
  return stderrOf(() => {
    const now = () => {
      throw new Error('S3CRET');
    };
    Object.assign(recorderOf(getClient(), emptyFrame) ?? {}, { clock: { now } });
    return fn();
  });
}
