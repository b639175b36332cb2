import type { AdapterOptions } from '../adapter/options.js';

/** Options of `wrapMCPClient` and `wrapMCPServer`. */
export interface MCPOptions extends AdapterOptions {
  /** `true` records the reading of resources, as RETRIEVER spans. @defaultValue false */
  readonly resources?: boolean | undefined;
  /** `true` records the use of prompts. @defaultValue false */
  readonly prompts?: boolean | undefined;
  /** `true` records what lists tools, resources and prompts. @defaultValue false */
  readonly lists?: boolean | undefined;
  /**
   * Whether requests carry the current trace along, in `_meta` as the protocol reserves it: ids, and for a server that reports
   * to the same project the mark that they are ours. What others have put there stays.
   * @defaultValue true
   */
  readonly propagate?: boolean | undefined;
}
