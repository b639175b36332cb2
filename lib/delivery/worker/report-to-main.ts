import type { Report } from '../wire/messages.js';
import type { AckRing } from './ack-ring.js';
import type { ThreadReport } from './thread-data.js';

/**
 * Returns the function by which a sender in the thread reports: acknowledgements go through the ring, and a message is posted only if
 * the report says more, or if messages were requested.
 *
 * @param acks - the worker's end of the ring
 * @param post - posts a message to the main thread
 */
export function reportToMain(acks: AckRing, post: (report: ThreadReport) => void): (report: Report) => void {
  let maxBodyBytesTold = 0;
  return ({ delivered, ...rest }) => {
    acks.write(delivered);
    const isBody = rest.maxBodyBytes !== maxBodyBytesTold;
    const isNews = delivered.length === 0 || rest.results.length > 0 || isBody || rest.requests !== undefined;
    if (isNews || acks.isRequested) {
      post({ ...rest, count: acks.count });
      maxBodyBytesTold = rest.maxBodyBytes;
    }
    acks.notify();
  };
}
