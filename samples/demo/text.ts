const stopWords = new Set(
  `a about after all also an and any anything are as at be because been before but by can could did do does doing for from get
  had has have how i if in into is it its just like may me more most my no not of on one only or our out over own
  please should so some something such than that the their them then there these they this to under up use used using was we
  were what when where which while who why will with without would you your happen happens`.split(/\s+/),
);

/**
 * The words of a text as a ranking compares them: lower case, common endings cut, stop words gone. An identifier
 * counts whole and in its parts: `flushIntervalMs` gives `flushintervalm`, `flush`, `interval`, `m`.
 */
export function terms(text: string): string[] {
  const found: string[] = [];
  for (const [word] of text.matchAll(/[\p{L}\p{N}_]+/gu)) {
    const parts = word.split(/_|(?<=[\p{Ll}\p{N}])(?=\p{Lu})/u).filter((part) => part !== '');
    for (const each of parts.length > 1 ? [word, ...parts] : parts) {
      const term = each.toLowerCase();
      if (!stopWords.has(term)) found.push(stem(term));
    }
  }
  return found;
}

/** A light English stemmer: plural, `-ing`, `-ed` and a last `e`. Errs on the side of leaving a word alone. */
export function stem(word: string): string {
  let root = word.replace(/(ies|ied)$/, 'y').replace(/([^s])s$/, '$1');
  const cut = root.replace(/(ing|ed)$/, '');
  if (cut !== root && cut.length > 2) root = cut.replace(/([^aeiouylsz])\1$/, '$1');
  return root.length > 3 ? root.replace(/e$/, '') : root;
}

/** The sentences of a paragraph, each with the mark it ends with. */
export function sentences(paragraph: string): string[] {
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
  return [...segmenter.segment(paragraph)].map(({ segment }) => segment.trim()).filter((each) => each !== '');
}

/**
 * The tokens of a text by this demo's own, simple rule: every word counts one token per six letters begun, every
 * other visible character one. A real tokenizer differs; the counts are true to this rule.
 */
export function countTokens(text: string): number {
  let count = 0;
  for (const [piece] of text.matchAll(/[\p{L}\p{N}]+|[^\p{L}\p{N}\s]/gu)) count += Math.ceil(piece.length / 6);
  return count;
}
