// The viewer as a reader has it: the real server on a free port, the real page in a real Chromium.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type LaunchOptions,
  type Page,
} from 'playwright-core';
import { type LocalServer, startLocalServer } from '../../../lib/local/server/server.js';
import { viewerFolder } from '../../../lib/local/viewer-folder.js';

/** A trace or a span as it is sent. */
export type Fields = Record<string, unknown>;

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const quiet = ['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** Runs before the page: the project one was in before, and a voice for what the content security policy stops. */
const prepare = `
  localStorage.getItem('pandaprobe.project') ?? localStorage.setItem('pandaprobe.project', 'demo');
  addEventListener('securitypolicyviolation', (e) => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI));
`;
const origin = Date.parse('2026-11-20T10:00:00Z');

/** A time so many milliseconds after a fixed one. */
export const at = (ms: number): string => new Date(origin + ms).toISOString();

/** A span from `from` to `to`, in milliseconds; open when `to` is undefined. */
export function span(name: string, from: number, to: number | undefined, more: Fields = {}): Fields {
  const ended = to === undefined ? {} : { ended_at: at(to) };
  return { span_id: randomUUID(), name, kind: 'OTHER', status: 'OK', started_at: at(from), ...ended, ...more };
}

/** A trace of one second, completed. */
export function trace(name: string, more: Fields = {}): Fields {
  const times = { started_at: at(0), ended_at: at(1000) };
  return { trace_id: randomUUID(), name, status: 'COMPLETED', ...times, spans: [], ...more };
}

/** @param more for a browser that differs, such as one that shows its scrollbars: playwright hides them */
export async function launchChromium(more: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({
    ...more,
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', ...quiet],
  });
}

/** The browser of all spec files: each page is in a context of its own anyway. Started by the first that needs it. */
let shared: Promise<Browser> | undefined;

/** What a spec has: a server of its own and a browser. Whatever a page complains about fails the spec that opened it. */
export class Viewer {
  url = '';
  #server: LocalServer | undefined;
  #browser: Browser | undefined;
  #folder = '';
  #contexts: BrowserContext[] = [];
  #faults: string[] = [];
  #isForgiving = false;

  async start(browser: Browser): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'viewer-'));
    this.#browser = browser;
    await this.startServer();
  }

  /** A server with a key asks every page for it. */
  async startServer(port = 0, key: string | undefined = undefined): Promise<void> {
    this.#server = await startLocalServer({ path: join(this.#folder, 'traces.db'), viewerFolder, port, key });
    this.url = this.#server.url;
  }

  async stopServer(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  /** Leaves the browser to who started it. */
  async stop(): Promise<void> {
    await this.stopServer();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Stores a trace, and gives its id. Whoever reads later sees it. */
  async send(fields: Fields, project = 'demo'): Promise<string> {
    const { trace_id } = await this.#write('POST', '/traces', fields, project);
    return String(trace_id);
  }

  async sendSpans(traceId: string, spans: readonly Fields[], project = 'demo'): Promise<void> {
    await this.#write('POST', `/traces/${traceId}/spans`, spans, project);
  }

  async patch(traceId: string, fields: Fields, project = 'demo'): Promise<void> {
    await this.#write('PATCH', `/traces/${traceId}`, fields, project);
  }

  async sendScore(fields: Fields, project = 'demo'): Promise<void> {
    await this.#write('POST', '/evaluations/trace-scores', fields, project);
  }

  /** What the server answers to a read call. */
  async read(path: string, project = 'demo'): Promise<{ readonly items: readonly Fields[] }> {
    const answer = await fetch(`${this.url}${path}`, { headers: { 'X-API-Key': 'any', 'X-Project-Name': project } });
    return (await answer.json()) as { items: Fields[] };
  }

  /** Opens a page of the viewer in a browser that nobody has used before; `script` runs in it before anything else. */
  async open(hash = '', options: BrowserContextOptions = {}, script = ''): Promise<Page> {
    if (this.#browser === undefined) throw new Error('start() first');
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    this.#contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(process.env.CI === undefined ? 20_000 : 60_000);
    await page.addInitScript(prepare + script);
    page.on('pageerror', (error) => this.#faults.push(`${error.stack}`));
    page.on('console', (line) => {
      if (line.type() === 'error' || line.type() === 'warning') this.#faults.push(line.text());
    });
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol !== 'data:' && protocol !== 'blob:' && host !== new URL(this.url).host) {
        this.#faults.push(`request to ${request.url()}`);
      }
    });
    await page.goto(`${this.url}/${hash}`);
    return page;
  }

  /**
   * Forgets what pages complained about: for a spec that takes the server away. What the browser says of such requests may
   * come a moment later; faults of the page's own code count again from here on.
   */
  forgive(): void {
    this.#faults = [];
    this.#isForgiving = true;
  }

  async closePages(): Promise<void> {
    const contexts = this.#contexts;
    this.#contexts = [];
    await Promise.all(contexts.map((context) => context.close()));
    const late = /^Failed to load resource|Content Security Policy/;
    const faults = this.#faults.filter((fault) => !this.#isForgiving || !late.test(fault));
    this.#faults = [];
    this.#isForgiving = false;
    expect(faults, 'what the pages complained about').to.deep.equal([]);
  }

  async #write(method: string, path: string, body: unknown, project: string): Promise<Fields> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', 'X-API-Key': 'any', 'X-Project-Name': project },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as Fields;
  }
}

/** A viewer for the specs of a `describe`. Without Chromium they are skipped, but not on a build server. */
export function useViewer(): Viewer {
  const viewer = new Viewer();
  before(async function () {
    if (!existsSync(executablePath)) {
      if (process.env.CI === 'true') throw new Error(`There is no Chromium at ${executablePath}.`);
      console.log(`      skipped: there is no Chromium at ${executablePath} (set CHROMIUM_PATH, or install it)`);
      this.skip();
    }
    shared ??= launchChromium();
    await viewer.start(await shared);
  });
  // A browser draws when it gets to it. What is still wrong the second time is wrong.
  beforeEach(function () {
    this.currentTest?.retries(1);
  });
  afterEach(() => viewer.closePages());
  after(() => viewer.stop());
  return viewer;
}

// At the end of the whole run; without mocha, whoever starts a browser closes it.
if (typeof after === 'function') after(async () => (await shared)?.close());
