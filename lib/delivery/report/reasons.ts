import type { Obstacle } from '../wire/obstacle.js';
import { adviceForCode } from './code-advice.js';

/** What a user can do about an obstacle. @param isOtlp - of a receiver of OTLP */
export function adviceFor(obstacle: Obstacle, isOtlp: boolean): string {
  const { status, detail } = obstacle;
  switch (obstacle.cause) {
    case 'blocked':
      if (status === 401 || status === 403) return isOtlp ? 'check headers' : 'check apiKey and projectName';
      if (status === 407) return 'check the proxy, and its user and password';
      if (status === 415 && isOtlp) return 'set protocol to the encoding that it takes';
      return status === undefined ? 'check the proxy' : 'check endpoint';
    case 'quota':
      return "the plan's quota is used up: raise it, or wait until it starts anew";
    case 'rate':
      return 'it limits how much it takes: record less (sampleRate), or give it more time';
    case 'absent':
      if (obstacle.isVague)
        return 'it fails, or has not stored the trace (yet): check the trace id, or look into its log';
      return 'it has no such trace (yet): check the trace id, or that its storage worker runs';
    case 'fault':
      if (status !== undefined && status < 500) return 'check endpoint';
      if (status !== undefined) return 'the backend fails: look into its log';
      // Where more is known than a code, `detail` has advice of its own.
      return adviceForCode(detail) ?? 'check that it runs and can be reached';
  }
}

/** Why something was not delivered, and what to do. */
export function reasonOf(obstacle: Obstacle, isOtlp: boolean): string {
  return `${obstacle.detail}; ${adviceFor(obstacle, isOtlp)}`;
}

/** What the backend does, for an obstacle that is logged once. */
export function refusalOf({ cause, status }: Obstacle, isOtlp: boolean): string {
  if (cause === 'quota') return 'takes no more traces';
  if (status === 401 || status === 403) return isOtlp ? 'refused the headers' : 'refused the API key for this project';
  if (status === undefined || status === 407) return 'cannot be reached as the environment says';
  return 'does not answer like a PandaProbe backend';
}

/** How far the items had come that were left at the end of the process: in flight, or not sent. */
export type Remains = 'unanswered' | 'unsent';

/** Why they were left, if no obstacle is known. */
export const causeOfRemains: Readonly<Record<Remains, string>> = {
  unanswered: 'it did not answer in time; check the network, or allow more time',
  unsent: 'the time was too short; allow more, or await flush() before',
};

/** Why the process could not be held at its end. */
export const loopNeeded = 'only its event loop could have sent them; await flush() before it ends';
