import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  Client,
  ConsoleSink,
  DeliveryError,
  HttpSink,
  MemorySink,
  SettingsError,
  SpanData,
  session,
  TraceData,
  UsageError,
} from 'pandaprobe-ts';
import { root } from '../support/user-project.js';

const folder = join(root, 'dist/esm');
const declarations = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.d.ts'))
  .map((path) => readFileSync(join(folder, path), 'utf8'))
  .join('\n');

describe('Public objects', () => {
  const now = new Date();
  let client: Client;
  let off: Client;
  before(() => {
    client = new Client({ sinks: [new MemorySink()] });
    off = new Client({ enabled: false });
  });
  after(() => client.shutdown());
  const objects: readonly (readonly [name: string, make: () => object, ...declared: string[]])[] = [
    ['Client', () => client],
    ['HttpSink', () => new HttpSink({ apiKey: 'sk_pp_a', projectName: 'a' }), 'DeliverySink'],
    ['MemorySink', () => new MemorySink()],
    ['ConsoleSink', () => new ConsoleSink()],
    ['TraceData', () => new TraceData({ name: 'a', startedAt: now, endedAt: now })],
    ['SpanData', () => new SpanData({ name: 'a', startedAt: now, endedAt: now })],
    ['SettingsError', () => new SettingsError('a', 'b'), 'PandaProbeError'],
    ['UsageError', () => new UsageError('a'), 'PandaProbeError'],
    ['DeliveryError', () => new DeliveryError('a', { attempts: 1, items: 1 }), 'PandaProbeError'],
    ['TraceHandle', () => client.trace('a')],
    ['SpanHandle', () => client.trace('a').span('b')],
    ['TraceHandle', () => off.trace('a')],
    ['SpanHandle', () => off.trace('a').span('b')],
    ['Scope', () => session('a')],
  ];
  for (const [at, [name, make, ...more]] of objects.entries()) {
    it(`show users what their types say and nothing else: ${name}, ${at}`, () => {
      const object = make();
      const declared = [name, ...more].flatMap(membersOf);
      expect(namesOf(object).filter((member) => !declared.includes(member))).to.deep.equal([]);
    });
  }

  it('are compared with declarations that have members', () => {
    expect(membersOf('Client')).to.include.members(['enabled', 'config', 'trace', 'flush']).and.not.include('recorder');
    expect(membersOf('SpanHandle')).to.include.members(['spanId', 'setInput', 'withSpan']);
  });
});

/** What a program finds on the object, with its classes, but for what every object and error has. */
function namesOf(object: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at)) {
    if (at === Object.prototype || at === Error.prototype || at === TypeError.prototype) break;
    for (const key of Object.getOwnPropertyNames(at)) names.add(key);
  }
  for (const everyones of ['constructor', 'stack', 'message', 'cause']) names.delete(everyones);
  return [...names].toSorted();
}

/** The members of a class or interface, as TypeScript users see them. */
function membersOf(name: string): string[] {
  const start = declarations.search(new RegExp(`^export (declare )?(class|interface) ${name}\\b`, 'm'));
  const body = declarations.slice(start, declarations.indexOf('\n}', start));
  return [...body.matchAll(/^ {4}(?:readonly |get |static )*(\w+)(?: =|[<(:?])/gm)].map(([, member = '']) => member);
}
