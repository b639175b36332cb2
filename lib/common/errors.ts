/**
 * The codes of this package's errors, each with its meaning. docs/settings.md has the same list.
 *
 * @example
 * ```ts
 * console.log(Object.keys(errorCodes)); // ['ERR_SETTINGS', 'ERR_USAGE', 'ERR_DELIVERY']
 * ```
 */
export const errorCodes = {
  ERR_SETTINGS: 'an option is wrong; thrown where it is given',
  ERR_USAGE: 'the code is wrong, such as a decorator on a field; a TypeError thrown where it stands',
  ERR_DELIVERY: 'the backend refused an item, or it could not be sent; goes to onError and the log',
} as const;
/** A stable code to switch on. The last two belong to `PlatformError` and `UnknownOutcomeError` of `pandaprobe-ts/platform`. */
export type ErrorCode = keyof typeof errorCodes | 'ERR_PLATFORM' | 'ERR_UNKNOWN_OUTCOME';

/**
 * The base class of this package's errors. Each has a stable `code`, and a message that says what was expected and what came.
 *
 * @example
 * ```ts
 * getClient().onError((error) => console.error(error instanceof PandaProbeError, error.code));
 * ```
 */
export class PandaProbeError extends Error {
  override readonly name: string = 'PandaProbeError';
  /** Stable: what to switch on. */
  readonly code: ErrorCode;
  /** @param message - what was expected, what came and what to do */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
  /** Makes a `UsageError` an instance, too: it extends `TypeError`, so this class is not in its prototype chain. @internal */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass inherits this method, and is then `this`
    const isOwn = Function.prototype[Symbol.hasInstance].call(this, value);
    // biome-ignore lint/complexity/noThisInStatic: as above
    return isOwn || (this === PandaProbeError && value instanceof UsageError);
  }
}

/**
 * A wrong option. Thrown by the call that it is given to: `init()`, `new Client()`, `new HttpSink()`, `new OtlpSink()`.
 *
 * @example
 * ```ts
 * try {
 *   init({ sampleRate: 2 });
 * } catch (error) {
 *   if (error instanceof SettingsError) console.log(error.option); // 'sampleRate'
 * }
 * ```
 */
export class SettingsError extends PandaProbeError {
  override readonly name = 'SettingsError';
  /** The option that is wrong. */
  readonly option: string;
  /** @param option - the option that is wrong */
  constructor(option: string, message: string) {
    super('ERR_SETTINGS', message);
    this.option = option;
  }
}

/**
 * An error in the program's code, such as a decorator on a field. Thrown at that place; `instanceof` both `TypeError` and
 * `PandaProbeError`.
 *
 * @example
 * ```ts
 * const isMisuse = (error: unknown) => error instanceof UsageError && error.code === 'ERR_USAGE';
 * ```
 */
export class UsageError extends TypeError {
  override readonly name = 'UsageError';
  /** Stable: what to switch on. */
  readonly code: ErrorCode = 'ERR_USAGE';
}

/**
 * Reports an item that could not be delivered, and why. Never thrown: goes to `onError` and the log. Contains no key, header or
 * body.
 *
 * @example
 * ```ts
 * getClient().onError((error: DeliveryError) => console.error(error.status, error.attempts, error.items));
 * ```
 */
export class DeliveryError extends PandaProbeError {
  override readonly name = 'DeliveryError';
  /** HTTP status of the last answer; undefined when there was none. */
  readonly status: number | undefined;
  /** How many times delivery was tried. */
  readonly attempts: number;
  /** How many items (traces, late-span batches and scores) were lost. */
  readonly items: number;
  /** @param details - the outcome of the item */
  constructor(message: string, details: { status?: number | undefined; attempts: number; items: number }) {
    super('ERR_DELIVERY', message);
    this.status = details.status;
    this.attempts = details.attempts;
    this.items = details.items;
  }
}
