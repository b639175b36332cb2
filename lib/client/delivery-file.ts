/** What the first client that records loads, as a file of its own: what sends, and what does so as the process ends. */
export { VERSION } from '../common/version.js';
export { createDelivery } from '../delivery/delivery.js';
export { watchExit } from './exit.js';
