/**
 * What the first client that records loads, as a file of its own: what sends, what does so as the process ends, and what follows
 * values that few functions give.
 */
export { VERSION } from '../../common/version.js';
export { watchOther } from '../../engine/follow-others.js';
export { watchExit } from '../lifecycle/process-exit.js';
export { createLiveDelivery as createDelivery } from '../live/live-delivery.js';
