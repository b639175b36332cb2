/**
 * What the options of a sink show of a `Protocol` that it brings along. Public declarations must not lead to types of Node, which a
 * program in a browser or on an edge runtime does not have.
 */
export interface BroughtProtocol {
  /** How many items travel in one request, if they are small. */
  readonly itemsPerRequest: number;
}
