/**
 * What only a client that records needs, as a file of its own, which the first one loads: what makes text of values, what
 * follows values that few functions give, what sends, and what does so as the process ends. The engine gets by without it.
 */
export { VERSION } from '../../common/version.js';
export { watchOther } from '../../engine/follow-others.js';
export { createCapture } from '../../model/capture-values.js';
export { scoreRecord } from '../../model/score.js';
export { spanDataJson, traceDataJson } from '../../model/trace-data-json.js';
export { traceDataRecord } from '../../model/trace-data-record.js';
export { unfold } from '../../model/unfold.js';
export { watchExit } from '../lifecycle/process-exit.js';
export { createLiveDelivery as createDelivery } from '../live/live-delivery.js';
