const [quote, openList, closeList, openObject, closeObject, backslash] = [34, 91, 93, 123, 125, 92];

/** Whether JSON text is nested deeper than `most` levels. */
export function isDeeper(text: string, most: number): boolean {
  // A text with few brackets cannot be deep, and counting brackets costs a fraction of visiting every character.
  return count(text, '[', most) + count(text, '{', most) > most && deepest(text, most) > most;
}

/** How often a character occurs, up to a little more than `most`. */
function count(text: string, character: string, most: number): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0 && found <= most; at = text.indexOf(character, at + 1)) found += 1;
  return found;
}

function deepest(text: string, most: number): number {
  let depth = 0;
  for (let at = 0; at < text.length && depth <= most; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      do at = text.indexOf('"', at + 1);
      while (isEscaped(text, at));
    } else if (code === openList || code === openObject) {
      depth += 1;
    } else if (code === closeList || code === closeObject) {
      depth -= 1;
    }
  }
  return depth;
}

/** Whether there is an odd number of backslashes before this place. */
function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text.charCodeAt(from - 1) === backslash) from -= 1;
  return (at - from) % 2 === 1;
}
