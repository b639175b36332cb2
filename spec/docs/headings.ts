/** The headings of a page, as they are written, in order. Code is left out: a `#` in it is a comment. */
export function headingsOf(page: string): string[] {
  return [...page.replace(/```[\s\S]*?```/g, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.trim());
}

/** What a page can be linked at, by the rules of GitHub: equal headings are numbered. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const found = new Set([...page.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id));
  const times = new Map<string, number>();
  for (const heading of headingsOf(page)) {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const before = times.get(slug) ?? 0;
    times.set(slug, before + 1);
    found.add(before === 0 ? slug : `${slug}-${before}`);
  }
  return found;
}

/** What stands below a heading, up to the next heading of any level. */
export function sectionOf(page: string, heading: string): string | undefined {
  const parts = page.split(/^(?=#+ )/m);
  const found = parts.find((part) => part.startsWith('#') && part.replace(/^#+ /, '').startsWith(`${heading}\n`));
  return found?.slice(found.indexOf('\n') + 1);
}
