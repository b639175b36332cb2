import type { Client } from '../../client/client.js';

/** Options that every integration takes. */
export interface AdapterOptions {
  /** The client that records runs outside of any trace. @defaultValue the process-wide client at that time */
  readonly client?: Client | undefined;
  /** Session of the traces that the integration makes. @defaultValue the current session */
  readonly sessionId?: string | null | undefined;
  /** User of the traces that the integration makes. @defaultValue the current user */
  readonly userId?: string | null | undefined;
  /** Tags of the traces that the integration makes. */
  readonly tags?: readonly string[] | null | undefined;
  /** Added to every span, and to the traces that the integration makes. */
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  /** `false` records no inputs. @defaultValue the client's setting */
  readonly captureInput?: boolean | undefined;
  /** `false` records no outputs. @defaultValue the client's setting */
  readonly captureOutput?: boolean | undefined;
}

/** Options of integrations that can hide the framework's internal steps. */
export interface FrameworkOptions extends AdapterOptions {
  /** `true` also records the framework's inner steps, such as the nodes of an agent's graph. @defaultValue false */
  readonly showInternals?: boolean | undefined;
}
