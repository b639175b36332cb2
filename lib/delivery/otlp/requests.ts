import { wallMs } from '../../common/real-time.js';
import type { OtlpSettings } from '../wire/otlp-settings.js';
import type { SendContext } from '../wire/protocol.js';
import { type ExportOutcome, readAnswer } from './export-answer.js';
import { headersOfBody } from './export-request.js';
import { canGzip, gzip } from './gzip.js';

/** The path below the endpoint: none. */
const wholeAddress = '';
/** Statuses of receivers that cannot read a compressed body, beside 415 (*Unsupported Media Type*). */
const perhapsUnreadable: ReadonlySet<number> = new Set([400, 422]);
/** A receiver that fails on a compressed body answers 500. So often it is asked again before, because most such faults pass. */
const mostFailures = 2;

interface Answered {
  /** Undefined if no answer came. */
  readonly status: number | undefined;
  readonly outcome: ExportOutcome;
}

/** What became of a body. */
interface Posted {
  readonly outcome: ExportOutcome;
  /** How many requests were made for it. */
  readonly requests: number;
  /** For the log. */
  readonly note?: string;
}

/**
 * Makes the requests to one receiver. The specification asks receivers for gzip, but many a small one does not know it: then requests
 * are made without it. Source: OpenTelemetry specification, OTLP/HTTP.
 */
export class Requests {
  readonly #encoding: OtlpSettings['encoding'];
  #compresses: boolean;
  /** Whether the receiver has accepted a compressed body, or has refused one that it does not take uncompressed, either. */
  #isProven = false;
  /** Answers with 500 to compressed bodies. */
  #failures = 0;

  constructor({ encoding, compression }: OtlpSettings) {
    this.#encoding = encoding;
    this.#compresses = compression === 'gzip' && canGzip();
  }

  /** Sends a body; once more uncompressed if the receiver may know no gzip. @param timeFactor - see `Transport.post` */
  async post(body: Buffer, timeFactor: number, context: SendContext): Promise<Posted> {
    if (!this.#compresses)
      return { outcome: (await this.#request(body, false, timeFactor, context)).outcome, requests: 1 };
    const { status, outcome } = await this.#request(body, true, timeFactor, context);
    if (outcome.kind === 'accepted') this.#isProven = true;
    if (status === 500) this.#failures += 1;
    if (status === undefined || !this.#mayBeUnreadable(status)) return { outcome, requests: 1 };
    const plain = await this.#request(body, false, timeFactor, context);
    const posted = { outcome: plain.outcome, requests: 2 };
    if (plain.outcome.kind === 'accepted') {
      const isFirst = this.#compresses; // of several requests at a time
      this.#compresses = false;
      const note = `the receiver takes no gzip (HTTP ${status}), and gets none from now on`;
      return isFirst ? { ...posted, note } : posted;
    }
    if (plain.status === status) this.#isProven = true;
    return posted;
  }

  async #request(
    body: Buffer,
    isCompressed: boolean,
    timeFactor: number,
    { transport, redact }: SendContext,
  ): Promise<Answered> {
    const bytes = isCompressed ? await gzip(body) : body;
    const headers = headersOfBody(this.#encoding, isCompressed);
    const answer = await transport.post(wholeAddress, bytes, headers, timeFactor);
    const status = answer.kind === 'answer' ? answer.status : undefined;
    return { status, outcome: readAnswer(answer, wallMs(), redact) };
  }

  /** Whether this answer to a compressed body may mean that the receiver cannot read it. */
  #mayBeUnreadable(status: number): boolean {
    if (status === 415) return true;
    return !this.#isProven && (status === 500 ? this.#failures > mostFailures : perhapsUnreadable.has(status));
  }
}
