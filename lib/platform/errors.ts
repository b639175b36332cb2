import { type ErrorCode, PandaProbeError } from '../common/errors.js';

/**
 * The error codes of `pandaprobe-ts/platform`, each with its meaning; `errorCodes` has the others.
 *
 * @example
 * ```ts
 * import { platformErrorCodes } from 'pandaprobe-ts/platform';
 *
 * console.log(Object.keys(platformErrorCodes)); // ['ERR_PLATFORM', 'ERR_UNKNOWN_OUTCOME']
 * ```
 */
export const platformErrorCodes = {
  ERR_PLATFORM: 'a call of a PlatformClient failed',
  ERR_UNKNOWN_OUTCOME: 'a call of a PlatformClient that changes something was sent, and nobody knows what came of it',
} as const satisfies Partial<Record<ErrorCode, string>>;

/** Details of a failed call to the platform, besides the message. */
export interface PlatformErrorDetails {
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/**
 * A call to the platform failed: the platform refused it (then the error has a `status`), no answer came in time, or the answer
 * cannot be read. Contains no key, no header and no body.
 *
 * @example
 * ```ts
 * import { PlatformClient, PlatformError } from 'pandaprobe-ts/platform';
 *
 * const isGone = (error: unknown) => error instanceof PlatformError && error.status === 404;
 * await new PlatformClient().traces.get('7b0e1c1e-5f57-4f0e-9e0a-111111111111').catch((error) => isGone(error) || Promise.reject(error));
 * ```
 */
export class PlatformError extends PandaProbeError {
  override readonly name: string = 'PlatformError';
  /** HTTP status of the answer; undefined when there was none. */
  readonly status: number | undefined;
  /** The id of the request, which is also in the platform's log. */
  readonly requestId: string | undefined;
  /** @param message - the call, and why it failed */
  constructor(
    message: string,
    details: PlatformErrorDetails = {},
    code: keyof typeof platformErrorCodes = 'ERR_PLATFORM',
  ) {
    super(code, message, details.cause === undefined ? {} : { cause: details.cause });
    this.status = details.status;
    this.requestId = details.requestId;
  }
}

/** Errors of calls that may succeed in a moment. Not a property of theirs: what may be repeated is for this package to decide. */
const temporary = new WeakSet<PlatformError>();

/** Marks the error of a read that may succeed in a moment. */
export function temporaryFailure(error: PlatformError): PlatformError {
  temporary.add(error);
  return error;
}

/** Whether the same read may succeed in a moment. */
export function isTemporary(error: unknown): error is PlatformError {
  return error instanceof PlatformError && temporary.has(error);
}

/**
 * A call that changes something was sent, and its outcome is unknown: no answer came, the answer was cut, or it was a 5xx. The
 * call may have been carried out. The client never repeats such a call, because an evaluation costs money, and a score that is
 * sent twice is stored twice. Check before you repeat it.
 *
 * @example
 * ```ts
 * import { PlatformClient, UnknownOutcomeError } from 'pandaprobe-ts/platform';
 *
 * const { evaluations } = new PlatformClient();
 * try {
 *   await evaluations.create({ traceIds: ['7b0e1c1e-5f57-4f0e-9e0a-111111111111'], metrics: ['task_completion'] });
 * } catch (error) {
 *   if (error instanceof UnknownOutcomeError) console.error('is it there?', (await evaluations.list()).items[0]);
 * }
 * ```
 */
export class UnknownOutcomeError extends PlatformError {
  override readonly name = 'UnknownOutcomeError';
  constructor(message: string, details: PlatformErrorDetails = {}) {
    super(message, details, 'ERR_UNKNOWN_OUTCOME');
  }
}

/**
 * An evaluation ended without the expected scores: it failed, or scores are missing.
 *
 * @example
 * ```ts
 * import { EvaluationError } from 'pandaprobe-ts/platform';
 *
 * const missingOf = (error: unknown) => (error instanceof EvaluationError ? error.missing : []);
 * ```
 */
export class EvaluationError extends PlatformError {
  override readonly name = 'EvaluationError';
  readonly runId: string;
  /** Pairs of trace and metric that have no usable score. */
  readonly missing: readonly { readonly traceId: string; readonly metric: string }[];
  constructor(runId: string, message: string, missing: EvaluationError['missing'] = []) {
    super(message);
    this.runId = runId;
    this.missing = missing;
  }
}
