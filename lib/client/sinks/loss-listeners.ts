import { errorText } from '../../common/error-text.js';
import type { DeliveryError } from '../../common/errors.js';
import { guardCallback } from '../../common/guard-callback.js';
import type { Log } from '../../common/log.js';

/** Called for every loss. An error that it throws is logged. */
export type ErrorListener = (error: DeliveryError) => void;

/** The listeners of a client or a sink that are called for every loss. */
export class LossListeners {
  readonly #log: Log;
  readonly #listeners = new Set<ErrorListener>();

  constructor(log: Log) {
    this.#log = log;
  }

  add(listener: ErrorListener): void {
    this.#listeners.add(listener);
  }

  delete(listener: ErrorListener): void {
    this.#listeners.delete(listener);
  }

  notify(error: DeliveryError): void {
    for (const listener of this.#listeners) {
      guardCallback(
        () => listener(error),
        (fault) => this.#log.warn('onError', `an onError listener threw: ${errorText(fault)}`),
      );
    }
  }
}
