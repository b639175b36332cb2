// Decorators: a method is a trace or a span, its arguments the input, its result the output.
//
// support-agent  230 tokens  $0.002  tags support
// ├─ retrieve RETRIEVER
// │  └─ normalize OTHER
// ├─ look-up-order TOOL
// └─ generate LLM gpt-5.4  230 tokens  $0.002
//
// nightly-digest
// └─ summarize CHAIN
import { getCurrentSpan, getTracedMethods, span, spanFunction, trace, traceFunction } from 'pandaprobe-ts';

interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

const articles = ['Parcels take three days.', 'A refund takes a week.', 'Support is open from 9 to 5.'];

class SupportAgent {
  /** The trace's input is the last user message, its output the last assistant message. */
  @trace({ name: 'support-agent', tags: ['support'] })
  async run(messages: Message[]): Promise<{ messages: Message[] }> {
    const question = messages.at(-1)?.content ?? '';
    const documents = await this.retrieve(question);
    const order = this.#lookUpOrder('A-17');
    return this.generate(question, [...documents, order]);
  }

  @span({ kind: 'RETRIEVER' })
  async retrieve(query: string): Promise<string[]> {
    const words = SupportAgent.normalize(query);
    return articles.filter((article) => words.some((word) => article.toLowerCase().includes(word)));
  }

  @span
  static normalize(text: string): string[] {
    return text.toLowerCase().match(/\w{4,}/g) ?? [];
  }

  @span({ name: 'look-up-order', kind: 'TOOL', metadata: { system: 'shop' } })
  #lookUpOrder(id: string): string {
    return `Order ${id} was sent on Monday.`;
  }

  @span({ kind: 'LLM', model: 'gpt-5.4' })
  async generate(question: string, documents: string[]): Promise<{ messages: Message[] }> {
    getCurrentSpan()?.setTokenUsage({ promptTokens: 150, completionTokens: 80 }).setCost({ total: 0.002 });
    return { messages: [{ role: 'assistant', content: `${question} ${documents.join(' ')}` }] };
  }
}

const summarize = spanFunction((lines: string[]) => `${lines.length} messages`, { name: 'summarize', kind: 'CHAIN' });
const digest = traceFunction(async (lines: string[]) => summarize(lines), { name: 'nightly-digest' });

await new SupportAgent().run([{ role: 'user', content: 'Where is my parcel?' }]);
await digest(['hello', 'where is my parcel']);
console.log(getTracedMethods(SupportAgent).length, 'methods of SupportAgent report');
