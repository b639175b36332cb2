import type { CapturedText } from '../model/records.js';
import { unfold } from '../model/unfold.js';

/** Stands for `lib/delivery/pandaprobe/unfold-body.ts`: a text of its own, which `fetch` takes. */
export const unfoldBody = (body: Uint8Array): string => unfold(body.toString() as CapturedText); // from the encoder
