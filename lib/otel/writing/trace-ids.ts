import { rootHex, spanHex, spanIdFromHex, spanIdStart } from '../../common/span-hex.js';

/** The ids of one trace and of its spans, as OpenTelemetry has them: in hexadecimal digits. */
export class TraceIds {
  /** The trace id. */
  readonly hex: string;
  /** The id of the span that represents the trace. */
  readonly root: string;
  readonly #uuid: string;
  /** The first half of span ids that this package makes for this trace. */
  readonly #start: string;

  constructor(traceUuid: string) {
    this.#uuid = traceUuid;
    this.#start = spanIdStart(traceUuid);
    this.hex = traceUuid.replaceAll('-', '').toLowerCase();
    this.root = rootHex(this.hex);
  }

  /** A span's id in OpenTelemetry: eight bytes, which must not be all zeroes. */
  hexOf(spanUuid: string): string {
    if (this.#isOwn(spanUuid)) {
      return firstDigits[spanUuid.charAt(19)] + spanUuid.slice(20, 23) + spanUuid.slice(24);
    }
    const hex = spanHex(this.#uuid, spanUuid);
    return /^0+$/.test(hex) ? `${hex.slice(1)}1` : hex;
  }

  /** Whether a span's UUID can be restored from its eight bytes, so that it need not be sent as an attribute. */
  isExact(spanUuid: string, hex: string): boolean {
    return this.#isOwn(spanUuid) || spanIdFromHex(this.#uuid, hex) === spanUuid;
  }

  #isOwn(spanUuid: string): boolean {
    return (
      spanUuid.startsWith(this.#start) && /^-[89ab](?!000-0{12})[0-9a-f]{3}-[0-9a-f]{12}$/.test(spanUuid.slice(18))
    );
  }
}

/**
 * The first digit of the eight bytes, by the digit of the UUID that holds its low two bits and the variant. Its high two bits are
 * zero. `lib/common/span-hex.ts` has a drawing.
 */
const firstDigits: Readonly<Record<string, string>> = { 8: '0', 9: '1', a: '2', b: '3' };
