import { type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';
import type { Token } from './reply-stream.js';

/**
 * The piece of a reply that an event tells of; undefined if there is none. The framework reports events instead of chunks to the
 * readers of `streamEvents(…, { version: 'v3' })`. Source: `@langchain/core` 1.4, language_models/event.
 */
export function tokenOf(event: unknown): Token | undefined {
  const { event: what, index, content, delta, usage } = fields(event);
  const piece = (message: Fields, token: unknown = ''): Token => ({
    ...{ token, completion: 0, chunk: { message }, event },
    usage: usage === undefined ? undefined : fields(usage),
  });
  if (usage !== undefined) return piece({});
  const { type, text, reasoning, args } = fields(delta);
  switch (what === 'content-block-delta' ? type : what) {
    case 'content-block-start': {
      const { id, name, ...block } = fields(content);
      if (nonEmptyString(name) === undefined) return piece({ content: [content] });
      return piece({ tool_call_chunks: [{ id, name, index, args: block.args }] });
    }
    case 'text-delta':
      return piece({}, text);
    case 'reasoning-delta':
      return piece({ content: [{ type: 'reasoning', reasoning }] });
    case 'tool-call-delta':
      return piece({ tool_call_chunks: [{ index, args }] });
    default:
      return undefined;
  }
}
