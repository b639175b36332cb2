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
} from '../client/loading/delivery-file.js';

/** Stands for `lib/client/loading/load-delivery.ts`: there is nothing to load later. */
export const loadDelivery = (): typeof DeliveryFile => ({
  ...{ createCapture, createDelivery, scoreRecord, spanDataJson, traceDataJson },
  ...{ traceDataRecord, unfold, VERSION, watchClient, followOther },
});
