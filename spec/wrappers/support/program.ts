import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Answer, type Seen, startProvider } from '../../support/provider.js';

/** One call, or a few, with what a program sees of them. */
// biome-ignore lint/suspicious/noExplicitAny: each program knows its own client
export type Step = (client: any) => unknown;

/** A program of calls with one client. */
export interface Program {
  client(url: string, isWrapped: boolean, isNewest: boolean): Promise<unknown>;
  readonly steps: Readonly<Record<string, Step>>;
}

/** What a run of a program saw. */
interface Run {
  readonly steps: Readonly<Record<string, unknown>>;
  readonly inTrace: unknown;
  readonly rejections: readonly string[];
  readonly spans: number;
}

/**
 * No garbage collection in so short a run, not even of young objects: `fetch` of Node holds the signal of a request
 * weakly, and a client whose timeout was collected waits for ever, wrapped or bare.
 */
const youngMegabytes = 256;
const withoutCollection = [
  '--initial-heap-size=2048',
  `--min-semi-space-size=${youngMegabytes}`,
  `--max-semi-space-size=${youngMegabytes}`,
  '--no-memory-reducer',
];
const script = fileURLToPath(new URL('run-program.ts', import.meta.url));

/**
 * Runs a program bare, wrapped, and wrapped with its spans suppressed, each in a process of its own, and compares all
 * that can be seen from outside.
 */
export async function expectSame(name: string, answer: (seen: Seen) => Answer, least: number): Promise<void> {
  const [bare, wrapped, suppressed] = await Promise.all([
    run(name, 'bare', answer),
    run(name, 'wrapped', answer),
    run(name, 'suppressed', answer),
  ]);
  expect(bare.result.spans).to.equal(0);
  expectEqual(wrapped, bare, least);
  expect(wrapped.result.spans).to.be.above(least - 5);
  expectEqual(suppressed, bare, least);
  expect(suppressed.result.spans).to.equal(0);
}

type Observed = Awaited<ReturnType<typeof run>>;

function expectEqual(wrapped: Observed, bare: Observed, least: number): void {
  expect(Object.keys(bare.result.steps).length).to.be.at.least(least);
  for (const [step, seen] of Object.entries(bare.result.steps)) {
    expect(wrapped.result.steps[step], step).to.deep.equal(seen);
  }
  expect(wrapped.result.inTrace).to.deep.equal(bare.result.inTrace);
  expect(wrapped.result.rejections).to.deep.equal(bare.result.rejections);
  expect(wrapped.requests).to.deep.equal(bare.requests);
}

async function run(name: string, mode: string, answer: (seen: Seen) => Answer) {
  await using provider = await startProvider(answer);
  const args = [...withoutCollection, '--import', 'tsx', script, name, mode, provider.url];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 100_000, maxBuffer: 1 << 26 });
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Run;
  const text = (value: unknown) => JSON.stringify(value).replaceAll(provider.url, 'http://provider');
  const requests = provider.seen.map(({ method, path, headers, body }) =>
    text({ method, path, body, headers: stable(headers) }),
  );
  return { result: JSON.parse(text(result)) as Run, requests: requests.sort() };
}

/** Headers but for those that differ at every request. */
function stable(headers: Readonly<Record<string, unknown>>): unknown {
  const varying = /^(?:host|idempotency-key|amz-sdk-invocation-id|authorization-date|x-amz-date|authorization)$/;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !varying.test(name)));
}
