import { data, type Form, type ModelReply, pieces } from './fake-models.js';

/** One reply in the form of Gemini's `generateContent` and `streamGenerateContent`. */
export function gemini({ text, tools = [], chunks, reason = 'STOP' }: ModelReply, n: number): Form {
  const usageMetadata = { promptTokenCount: 10 + n, candidatesTokenCount: 5, totalTokenCount: 15 + n };
  const calls = tools.map(({ id, name, args }) => ({ functionCall: { id, name, args } }));
  const reply = (parts: readonly object[], rest: object = {}, more: object = {}) => ({
    candidates: [{ index: 0, content: { role: 'model', parts }, ...rest }],
    responseId: `g${n}`,
    ...more,
  });
  const said = text === undefined ? [] : [{ text }];
  return {
    whole: reply([...said, ...calls], { finishReason: reason }, { usageMetadata }),
    begin: [
      ...pieces(text, chunks).map((piece) => ({ event: data(reply([{ text: piece }])), isText: true })),
      ...(calls.length > 0 ? [{ event: data(reply(calls)) }] : []),
    ],
    end: [data(reply([], { finishReason: reason }, { usageMetadata }))],
  };
}
