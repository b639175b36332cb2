/**
 * The parts that only a recording client needs, as a file of their own that the first one loads: capturing values, following rare
 * kinds of results, estimating costs, delivery, and delivery at the end of the process. The engine works without them.
 */
export { VERSION } from '../../common/version.js';
export { followOther } from '../../engine/follow-others.js';
export { createCapture } from '../../model/capture-values.js';
export { scoreRecord } from '../../model/score.js';
export { spanDataJson, traceDataJson } from '../../model/trace-data-json.js';
export { traceDataRecord } from '../../model/trace-data-record.js';
export { unfold } from '../../model/unfold.js';
export { watchClient } from '../lifecycle/client-end.js';
export { createLiveDelivery as createDelivery } from '../live/live-delivery.js';
export { withEstimatedCosts } from './estimated-cost.js';
