// Highlights words without changing the document: the browser paints ranges of text.

/** Most places that are marked. */
const mostMarked = 500;

/**
 * Marks every place of a text within an element, in any case, and nothing else. Browsers that cannot do it mark nothing.
 *
 * @param {Element} element
 * @param {string} words in small letters; empty to mark nothing
 * @returns {Range | undefined} the first place
 */
export function markWords(element, words) {
  const marks = globalThis.CSS?.highlights;
  if (marks === undefined) return undefined;
  marks.delete('found');
  if (words === '') return undefined;
  /** @type {Range[]} */
  const ranges = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null && ranges.length < mostMarked; node = walker.nextNode()) {
    const text = (node.nodeValue ?? '').toLowerCase();
    // A few letters are longer in small ones; then the places would not be those of the text.
    if (text.length !== node.nodeValue?.length) continue;
    for (let at = text.indexOf(words); at !== -1 && ranges.length < mostMarked; at = text.indexOf(words, at + 1)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + words.length);
      ranges.push(range);
    }
  }
  if (ranges.length > 0) marks.set('found', new Highlight(...ranges));
  return ranges[0];
}
