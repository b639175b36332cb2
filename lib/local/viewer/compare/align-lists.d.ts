/** The items of both lists, in the order of both: in pairs if their keys are equal, else alone. */
export declare function alignLists<T>(
  left: readonly T[],
  right: readonly T[],
  keyOf: (item: T) => string,
): [T | undefined, T | undefined][];
