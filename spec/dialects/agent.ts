import { span, trace } from 'pandaprobe-ts';

/** Every kind of method there is. Compiled by each compiler of compilers.ts; the marked part only where it is possible. */
export class Agent {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }

  @trace({ name: 'agent', tags: ['dialects'] })
  async run(question: string): Promise<string> {
    const plan = this.plan(question);
    const documents: string[] = [];
    for (const document of this.search(plan)) documents.push(document);
    let text = '';
    for await (const chunk of this.write(documents, 2)) text += chunk;
    await Agent.store(text);
    try {
      await this.fail('on purpose');
    } catch {
      text += '!';
    }
    // private: from here
    text = await this.checked(text);
    // private: to here
    return Agent.format(text);
  }

  @span
  plan(question: string): string {
    return `${this.name} plans ${question}`;
  }

  @span({ kind: 'RETRIEVER' })
  *search(plan: string): Generator<string, void, undefined> {
    yield this.lookUp(plan.length);
    yield this.lookUp(plan.length + 1);
  }

  @span({ name: 'look up', kind: 'TOOL', metadata: { version: 2 } })
  lookUp(number: number): string {
    return `document ${number}`;
  }

  @span({ kind: 'LLM', model: 'some-model' })
  async *write(documents: readonly string[], times = 1): AsyncGenerator<string, void, undefined> {
    for (const document of documents) {
      await Promise.resolve();
      yield `${times} x ${await this.shorten(document)}. `;
    }
  }

  @span()
  async shorten(text: string, ...more: string[]): Promise<string> {
    await Promise.resolve();
    return text.slice(-2) + more.join('');
  }

  @span
  async fail(reason: string): Promise<never> {
    throw new Error(reason);
  }

  @span
  static format(text: string): string {
    return text.trim();
  }

  @span({ name: 'store' })
  static async store(text: string): Promise<number> {
    await Promise.resolve();
    return text.length;
  }

  // private: from here
  async checked(text: string): Promise<string> {
    const parts = [...this.#parts(text)];
    return (await this.#check(parts.length)) ? Agent.#mark(text) : text;
  }

  @span({ kind: 'CHAIN' })
  async #check(count: number): Promise<boolean> {
    await Promise.resolve();
    return count > 0;
  }

  @span
  *#parts(text: string): Generator<string> {
    yield* text.split('. ');
  }

  @span
  static #mark(text: string): string {
    return `checked: ${text}`;
  }
  // private: to here
}
