/** A stretch of text that both have, or only one. Made by the build of the package `diff`. */
export interface Change {
  readonly value: string;
  readonly added: boolean;
  readonly removed: boolean;
}

export function diffWordsWithSpace(
  before: string,
  after: string,
  options?: { readonly maxEditLength?: number },
): Change[] | undefined;
export function diffLines(
  before: string,
  after: string,
  options?: { readonly maxEditLength?: number },
): Change[] | undefined;
