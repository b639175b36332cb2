import { canGzip } from './gzip.js';

/** Statuses of receivers that cannot read a compressed body, beside 415 (*Unsupported Media Type*). */
const perhapsUnreadable: ReadonlySet<number> = new Set([400, 422]);
/** A receiver that fails on a compressed body answers 500. So often it is asked again before, because most such faults pass. */
const mostFailures = 2;

/**
 * Whether requests to one receiver are compressed. The specification asks receivers for gzip, but many a small one does not know it:
 * then requests are sent uncompressed. Source: OpenTelemetry specification, OTLP/HTTP.
 */
export class Compression {
  #isOn: boolean;
  /** Whether the receiver has accepted a compressed body, or has refused one that it does not take uncompressed, either. */
  #isProven = false;
  #failures = 0;

  constructor(compression: 'gzip' | 'none') {
    this.#isOn = compression === 'gzip' && canGzip();
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Whether a compressed request with this answer is sent once more, uncompressed. */
  mayBeWhy(status: number): boolean {
    if (status === 415) return true;
    if (status === 500) this.#failures += 1;
    return !this.#isProven && (status === 500 ? this.#failures > mostFailures : perhapsUnreadable.has(status));
  }

  /** The receiver takes compressed bodies, as far as is known. */
  proven(): void {
    this.#isProven = true;
  }

  turnOff(): void {
    this.#isOn = false;
  }
}
