import OpenAI from 'openai';

/** What the model is asked. */
export const question = 'How warm is it in Rome and in Oslo?';

/** What the tool answers; with a client and a span of the user's in it, where the program is `nested`. */
export const weather = (tracer, client) => (city) => {
  if (client === undefined) return `${city}: 21 °C`;
  return tracer.step(`lookup ${city}`, async () => {
    const messages = [{ role: 'user', content: `in a tool: ${city}` }];
    const { choices } = await client.chat.completions.create({ model: 'gpt-x', messages });
    return choices[0].message.content;
  });
};

export const clientOf = (models) => new OpenAI({ apiKey: 'k', baseURL: models, maxRetries: 0 });

/** Reads a stream to its end; `on` gets each piece, and ends it with `false`. */
export async function read(stream, on = () => true) {
  for await (const piece of stream) if (on(piece) === false) break;
}

/** Aborts once the text has come that the model stops at. */
export function abortAt(text) {
  const controller = new AbortController();
  let read = '';
  return {
    signal: controller.signal,
    on(piece) {
      read += piece ?? '';
      if (read.includes(text)) controller.abort();
    },
  };
}
