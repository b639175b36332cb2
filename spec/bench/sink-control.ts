import http from 'node:http';
import type { Arrived } from './wire-formats.js';

/** What the sink has received since the last reset. */
export interface Counts {
  readonly requests: number;
  /** Bytes of the kept bodies, as received. */
  readonly bytes: number;
  /** Spans that have an end. */
  readonly ended: number;
  /** Bodies that could not be read. */
  readonly unread: number;
}

/** Controls the sink, over separate connections. */
export class SinkControl {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async mode(is: 'ok' | 'hang' | 'fail'): Promise<void> {
    await this.#ask(`mode?is=${is}`);
  }

  async reset(): Promise<void> {
    await this.#ask('reset');
  }

  async counts(): Promise<Counts> {
    return (await this.#ask('counts')) as Counts; // the other side is sink.ts
  }

  async spans(): Promise<readonly Arrived[]> {
    return (await this.#ask('spans')) as readonly Arrived[]; // the other side is sink.ts
  }

  #ask(what: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request = http.get(`${this.url}/bench/${what}`, { agent: false }, async (answer) => {
        let text = '';
        for await (const chunk of answer.setEncoding('utf8')) text += chunk;
        resolve(JSON.parse(text));
      });
      request.once('error', reject);
    });
  }
}
