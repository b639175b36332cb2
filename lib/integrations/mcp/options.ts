import type { AdapterOptions } from '../adapter/options.js';

/** Options of `wrapMCPClient` and `wrapMCPServer`. */
export interface MCPOptions extends AdapterOptions {
  /** `true` records reads of resources, as RETRIEVER spans. @defaultValue false */
  readonly resources?: boolean | undefined;
  /** `true` records requests for prompts. @defaultValue false */
  readonly prompts?: boolean | undefined;
  /** `true` records the calls that list tools, resources and prompts. @defaultValue false */
  readonly lists?: boolean | undefined;
  /**
   * Whether requests carry the context of the current trace in `_meta`, in the fields that the protocol reserves: the ids, and a
   * hash of the project, so that a server can tell whether it reports to the same one. Existing entries are kept.
   * @defaultValue true
   */
  readonly propagate?: boolean | undefined;
}
