import type { CapturedText } from '../model/records.js';
import { unfold } from '../model/unfold.js';

/** Replaces `lib/delivery/pandaprobe/unfold-body.ts`: returns a text for `fetch`. */
export const unfoldBody = (body: Uint8Array): string => unfold(body.toString() as CapturedText); // from the encoder
