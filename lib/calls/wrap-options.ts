import type { Client } from '../client/client.js';
import type { CallFacts } from '../model/records.js';

/** Options that every wrapper takes. */
export interface WrapOptions {
  /** The client that records calls outside of any trace. @defaultValue the process-wide client at the time of the call */
  readonly client?: Client | undefined;
  /** Session of the traces that calls outside of any trace make. @defaultValue the current session */
  readonly sessionId?: string | null | undefined;
  /** User of the traces that calls outside of any trace make. @defaultValue the current user */
  readonly userId?: string | null | undefined;
  /** Tags of the traces that calls outside of any trace make. */
  readonly tags?: readonly string[] | null | undefined;
  /** Added to every span, and to the traces that calls outside of any trace make. */
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  /** `false` records no messages or texts that are sent. @defaultValue the client's setting */
  readonly captureInput?: boolean | undefined;
  /** `false` records no messages, reasoning or tool use that comes back. @defaultValue the client's setting */
  readonly captureOutput?: boolean | undefined;
  /** Name of the spans. @defaultValue the provider's and the call's, such as `openai-chat` */
  readonly name?: string | undefined;
  /**
   * OpenAI chat and completions: requests the token counts of streams if the caller does not, and hides the additional chunk from
   * the caller. The only option that changes a request. @defaultValue false
   */
  readonly streamUsage?: boolean | undefined;
  /** `false` does not record embedding calls. @defaultValue true */
  readonly traceEmbeddings?: boolean | undefined;
  /** @internal The provider, and the address of its requests. */
  readonly served?: CallFacts | undefined;
}
