import type * as DeliveryFile from '../client/loading/delivery-file.js';
import {
  createCapture,
  createDelivery,
  followOther,
  scoreRecord,
  spanDataJson,
  traceDataJson,
  traceDataRecord,
  unfold,
  VERSION,
  watchClient,
  withEstimatedCosts,
} from '../client/loading/delivery-file.js';

/** Replaces `lib/client/loading/load-delivery.ts`: nothing is loaded later here. */
export const loadDelivery = (): typeof DeliveryFile => ({
  ...{ createCapture, createDelivery, scoreRecord, spanDataJson, traceDataJson },
  ...{ traceDataRecord, unfold, VERSION, watchClient, followOther, withEstimatedCosts },
});
