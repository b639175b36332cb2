import type { Form, ModelReply } from './fake-models.js';

/** One reply in the form of Bedrock's Converse, which is not streamed here. */
export function converse({ text, tools = [] }: ModelReply, n: number): Form {
  const calls = tools.map(({ id, name, args }) => ({ toolUse: { toolUseId: id, name, input: args } }));
  const content = [...(text === undefined ? [] : [{ text }]), ...calls];
  const whole = {
    output: { message: { role: 'assistant', content } },
    stopReason: tools.length > 0 ? 'tool_use' : 'end_turn',
    usage: { inputTokens: 10 + n, outputTokens: 5, totalTokens: 15 + n },
    metrics: { latencyMs: 1 },
  };
  return { whole, begin: [], end: [] };
}
