import { type Fields, list, nonEmptyString } from '../read-unknown.js';

/** A text of an item, which events add to. */
type TextField = 'text' | 'refusal' | 'input' | 'summary' | 'thoughts';

/**
 * For each pair of events (`.delta` and `.done`): the text that they add to, and the field of `.done` with the whole text.
 * Source: OpenAI API reference, streaming events of responses.
 */
const places: Readonly<Record<string, readonly [TextField, string]>> = {
  'response.output_text': ['text', 'text'],
  'response.refusal': ['refusal', 'refusal'],
  'response.reasoning_summary_text': ['summary', 'text'],
  'response.reasoning_text': ['thoughts', 'text'],
  'response.function_call_arguments': ['input', 'arguments'],
  'response.custom_tool_call_input': ['input', 'input'],
};

/**
 * An item of a streamed response that is not done yet. Its texts are kept by their index within the item: events of several
 * parts may be mixed, and may come before the event that announces the item.
 */
export class PartialItem {
  #item: Fields = { type: 'message' };
  readonly #texts: Readonly<Record<TextField, Map<number, string>>> = {
    text: new Map(),
    refusal: new Map(),
    input: new Map(),
    summary: new Map(),
    thoughts: new Map(),
  };

  announce(item: Fields): void {
    this.#item = { ...item };
  }

  add(type: string, event: Fields, delta: string): void {
    const [place] = places[type.replace(/\.delta$/, '')] ?? [];
    if (place === undefined) return;
    const texts = this.#texts[place];
    const index = indexOf(event);
    texts.set(index, (texts.get(index) ?? '') + delta);
  }

  /** A part is done: its whole text is in the event. */
  complete(type: string, event: Fields): void {
    const [place, name = ''] = places[type.replace(/\.done$/, '')] ?? [];
    const text = nonEmptyString(event[name]);
    if (place !== undefined && text !== undefined) this.#texts[place].set(indexOf(event), text);
  }

  /** The item with the texts so far. */
  whole(): unknown {
    const item = this.#item;
    switch (item.type) {
      case 'message': {
        const said = this.#inOrder('text').map((text) => ({ type: 'output_text', text }));
        const refused = this.#inOrder('refusal').map((refusal) => ({ type: 'refusal', refusal }));
        return { ...item, content: [...said, ...refused] };
      }
      case 'function_call':
        return { ...item, arguments: this.#inOrder('input').join('') };
      case 'custom_tool_call':
        return { ...item, input: this.#inOrder('input').join('') };
      case 'reasoning': {
        const summary = this.#inOrder('summary').map((text) => ({ type: 'summary_text', text }));
        const thoughts = this.#inOrder('thoughts').map((text) => ({ type: 'reasoning_text', text }));
        return {
          ...item,
          summary: summary.length === 0 ? list(item.summary) : summary,
          content: thoughts.length === 0 ? list(item.content) : thoughts,
        };
      }
      default:
        return item;
    }
  }

  #inOrder(place: TextField): readonly string[] {
    return [...this.#texts[place]].sort(([a], [b]) => a - b).map(([, text]) => text);
  }
}

function indexOf(event: Fields): number {
  const { content_index, summary_index } = event;
  const index = content_index ?? summary_index;
  return typeof index === 'number' ? index : 0;
}
