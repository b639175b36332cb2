import { type Options, shutdown } from '../../lib/index.js';
import { checkBody } from '../support/contract.js';
import { type Receiver, startReceiver } from '../support/receiver.js';

/** The options of a client that sends to `endpoint`, from this thread. */
export function sendingTo(endpoint: string): Options {
  return { apiKey: 'sk_pp_key', projectName: 'specs', endpoint, worker: 'inline' };
}

/** Sets up a suite with a backend, and shuts down the process-wide client after each spec: call it in `describe`. */
export function sendingScene() {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
  });
  afterEach(async () => {
    await shutdown({ timeoutMs: 0 });
    await receiver.close();
  });
  return {
    get receiver() {
      return receiver;
    },
    /** The options of a client that sends to the backend. */
    get options() {
      return sendingTo(receiver.url);
    },
  };
}
