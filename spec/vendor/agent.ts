// As in the platform vendor's manual, with only the import name changed: decorators, in both dialects.
import { flush, SpanKind, span, trace } from 'pandaprobe-ts';

class Agent {
  @span({ kind: SpanKind.LLM })
  async generate(input: { messages: unknown[] }) {
    return { messages: [{ role: 'assistant', content: `${input.messages.length} received` }] };
  }

  @trace({ name: 'agent' })
  async run(input: { messages: unknown[] }) {
    return this.generate(input);
  }

  @span
  bare(text: string) {
    return text;
  }

  @trace
  alone(text: string) {
    return this.bare(text);
  }
}

await new Agent().run({ messages: [{ role: 'user', content: 'hi' }] });
new Agent().alone('hi');
await flush();
