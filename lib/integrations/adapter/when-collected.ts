import { collected } from '../../common/collected.js';

/** Calls `end` when `holder`, such as the user's stream, was garbage-collected. `end` must not reference it. */
export function whenCollected(holder: object, end: () => void): void {
  collected()?.register(holder, end);
}
