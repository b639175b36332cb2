import { posix } from 'node:path';
import { headingsOf, sectionOf } from './headings.js';

/** Texts by path from the top of the repository. */
export type Texts = ReadonlyMap<string, string>;

const internals = 'docs/internals';
const openApiHeading = 'OpenAPI schemas';

/**
 * Works that anybody can open, as a `Source:` names them: standards, manuals, documentation, papers, and the code of a public
 * package in backticks. A rule of our own or of the backend is none of these: it is cited by page and heading.
 */
export const publicWorks: readonly RegExp[] = [
  /\bRFC \d+/,
  /\bW3C\b/,
  /^Model Context Protocol\b/,
  /https?:\/\/|\b[\w-]+\.(?:org|com|dev)\b/,
  /\b\w+\(\d\)/, // a page of the manual, such as sched(7)
  /\b(?:documentation|reference|user guide|specification|README)\b/i,
  /\b(?:Node|Linux|Python|pydantic|PostgreSQL|SQLite|OpenSSL|Babel|Cloudflare|Vercel|llama\.cpp)\b/,
  /^`@?[a-z][\w.-]*(?:\/[\w.-]+)?`/,
  /, (?:19|20)\d\d$|\((?:19|20)\d\d\)/, // a paper and its year
  /^mulberry32$/,
  /^Amazon event stream encoding$/,
];

/** Names that mean a page of ours, and must be written as its file. */
const ourPages: ReadonlySet<string> = new Set(['contract', 'design', 'architecture', 'promises', 'glossary']);

/** Every `Source:` that a reader of the repository cannot follow. */
export function sourceFaults(sources: Texts, pages: Texts): string[] {
  const schemas = sectionOf(pages.get(`${internals}/backend-contract.md`) ?? '', openApiHeading) ?? '';
  const faults: string[] = [];
  for (const [path, text] of sources) {
    const prose = withJoinedComments(text);
    for (const [, page = '', list = ''] of prose.matchAll(/\b([a-z]+(?:-[a-z]+)*(?:\.md)?)((?:, \*[^*\n]+\*)+)/g)) {
      if (!page.endsWith('.md') && !ourPages.has(page)) continue;
      for (const [, heading = ''] of list.matchAll(/\*([^*]+)\*/g)) {
        if (!leadsSomewhere(page, heading, pages)) faults.push(`${path}: there is no heading “${heading}” in ${page}`);
      }
    }
    for (const cited of citationsIn(prose)) {
      const fault = faultOf(cited, schemas);
      if (fault !== undefined) faults.push(`${path}: ${fault}`);
    }
  }
  return faults;
}

/** Every number of a promise that is no heading of the page of promises. */
export function promiseFaults(texts: Texts, promises: string): string[] {
  const known = new Set(headingsOf(promises).map((heading) => heading.split(' ')[0] ?? ''));
  return [...texts].flatMap(([path, text]) =>
    numbersIn(text)
      .filter((number) => !known.has(number))
      .map((number) => `${path}: there is no promise ${number}`),
  );
}

/** Where the specs that the page of promises lists are not those whose titles have the number. */
export function listFaults(specs: Texts, promises: string): string[] {
  const promised = headingsOf(promises).filter((heading) => /^P\d+ /.test(heading));
  return promised.flatMap((heading) => {
    const [number = ''] = heading.split(' ');
    const section = sectionOf(promises, heading) ?? '';
    const listed = [...section.matchAll(/\]\(\.\.\/\.\.\/(spec\/[^)]+)\)/g)].map(([, path = '']) => path).toSorted();
    const holding = [...specs].filter(([, text]) => numbersIn(text).includes(number)).map(([path]) => path);
    const wanted = holding.toSorted();
    const isKept = !section.includes('*Not yet kept.*');
    if (isKept === wanted.length > 0 && listed.join() === wanted.join()) return [];
    const links = wanted.map((path) => `[${path.replace(/^spec\//, '')}](../../${path})`).join(' ·\n');
    return [`${number}: write\n${wanted.length === 0 ? '*Not yet kept.*' : `Specs: ${links}`}`];
  });
}

/** Files and folders that a page names in code font and that are not there. */
export function pathFaults(pages: Texts, exists: (path: string) => boolean): string[] {
  return [...pages].flatMap(([page, text]) =>
    [...text.matchAll(/`((?:lib|spec|samples|docs|\.ci)\/[\w./-]*)`/g)]
      .map(([, path = '']) => path)
      .filter((path) => !/\bacme\b/.test(path) && !exists(posix.normalize(path)))
      .map((path) => `${page}: there is no ${path}`),
  );
}

/** Rooms that a drawing of the floors lacks, or has on another floor. Lines read `floor 2  engine  delivery`. */
export function floorFaults(page: string, rooms: Readonly<Record<string, { readonly floor: number }>>): string[] {
  const drawn = new Map(
    [...page.matchAll(/^ *floor (\d+) +(.*)$/gm)].map(([, floor = '', names = '']) => [
      Number(floor),
      names.split(/ +/),
    ]),
  );
  return Object.entries(rooms).flatMap(([name, { floor }]) =>
    drawn.get(floor)?.includes(name) === true ? [] : [`${name} is not drawn on floor ${floor}`],
  );
}

/** Names in code font of the glossary that the code has no more. */
export function glossaryFaults(glossary: string, lib: Texts): string[] {
  const words = new Set([...lib.values()].flatMap((text) => text.match(/[A-Za-z_]\w*/g) ?? []));
  const named = [...glossary.matchAll(/`([A-Za-z_]\w*)`/g)].map(([, name = '']) => name);
  return [...new Set(named)].filter((name) => !words.has(name));
}

function leadsSomewhere(page: string, heading: string, pages: Texts): boolean {
  const text = pages.get(`${internals}/${page}`) ?? pages.get(`docs/${page}`);
  return text !== undefined && headingsOf(text).includes(heading);
}

function faultOf(cited: string, schemas: string): string | undefined {
  const [, names] = /^(?:the backend's )?OpenAPI, (.*)$/.exec(cited) ?? [];
  if (names !== undefined) {
    const schemasNamed = (names.match(/^\w+|`[A-Z]\w+`/g) ?? []).map((name) => name.replaceAll('`', ''));
    const unknown = schemasNamed.filter((name) => !schemas.includes(`\`${name}\``));
    return unknown.length === 0 ? undefined : `${unknown.join(', ')} is not in the table of “${openApiHeading}”`;
  }
  const isHeading = /^[a-z-]+\.md, \*[^*]+\*/.test(cited);
  if (isHeading || publicWorks.some((work) => work.test(cited))) return undefined;
  return `“${cited}” is neither a heading of the documentation nor a public work`;
}

/** What stands after each `Source:`, up to the end of its sentence. */
function citationsIn(prose: string): string[] {
  return [...prose.matchAll(/(?<!`)\bSource: (.+?)(?=\.(?:\s|$)|\s*\*\/|$)/gm)].map(([, cited = '']) => cited.trim());
}

/** The text with the lines of a comment in one, as its sentences go on from line to line. */
function withJoinedComments(text: string): string {
  return text.replace(/\n[ \t]*(?:\*(?!\/)|\/\/)[ \t]?/g, ' ');
}

function numbersIn(text: string): string[] {
  return [...new Set(text.match(/\bP\d{1,3}\b/g) ?? [])];
}
