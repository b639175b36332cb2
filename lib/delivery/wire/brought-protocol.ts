/**
 * A `Protocol` that a sink brings along, as the options of a sink and the public declarations see it: those must not lead to types
 * of Node, which a program in a browser or on an edge runtime does not have.
 */
export interface BroughtProtocol {
  /** How many items travel in one request, if they are small. */
  readonly itemsPerRequest: number;
}
