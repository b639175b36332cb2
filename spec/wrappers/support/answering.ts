type Fetch = () => Promise<Response>;

/** A `fetch` that answers every request with `body`: a list as events of a stream that have names, as of Anthropic and OpenAI's Responses. */
export const answering = (body: object): Fetch =>
  answeringWith(body, (event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`);

/** The same for OpenAI's chat completions, whose chunks have no names. */
export const answeringChunks = (body: object): Fetch =>
  answeringWith(body, (chunk) => `data: ${JSON.stringify(chunk)}\n\n`, 'data: [DONE]\n\n');

function answeringWith(body: object, written: (event: object) => string, end = ''): Fetch {
  return async () => {
    if (!Array.isArray(body)) return Response.json(body);
    return new Response(body.map(written).join('') + end, { headers: { 'content-type': 'text/event-stream' } });
  };
}
