import { mediaPart, textPart } from '../parts.js';
import { type Fields, fields, isFields, list, nonEmptyString } from '../read-unknown.js';

/*
 * Compatible servers write content as a list of pieces where OpenAI writes a text: Mistral's and Magistral's thoughts,
 * Qwen's and OpenRouter's images and sound, refusals. Whole and streamed replies are read the same way.
 */

/** The content of a message or a delta, sorted by what it is. */
interface Pieces {
  /** Parts of the message, in order. */
  readonly parts: readonly Fields[];
  readonly refusal: string;
  readonly thoughts: string;
}

/** Sorts a content: a text, a list of pieces, or nothing. */
export function piecesOf(content: unknown): Pieces {
  if (typeof content === 'string') return { parts: [textPart(content)], refusal: '', thoughts: '' };
  const parts: Fields[] = [];
  let refusal = '';
  let thoughts = '';
  for (const piece of isFields(content) ? [content] : list(content)) {
    const { type, refusal: refused } = fields(piece);
    if (type === 'refusal') refusal += nonEmptyString(refused) ?? '';
    else if (type === 'thinking' || type === 'reasoning' || type === 'reasoning_content') thoughts += thoughtOf(piece);
    else parts.push(replyPart(piece));
  }
  return { parts, refusal, thoughts };
}

/** A thought is a text, or a list of texts. */
function thoughtOf(piece: unknown): string {
  const { thinking, text, reasoning, content, summary } = fields(piece);
  const said = thinking ?? text ?? reasoning ?? content ?? summary;
  if (typeof said === 'string') return said;
  return list(said)
    .map((each) => nonEmptyString(each) ?? nonEmptyString(fields(each).text) ?? '')
    .join('');
}

function replyPart(piece: unknown): Fields {
  if (typeof piece === 'string') return textPart(piece);
  const { type, text, image_url, audio, data, format, transcript } = fields(piece);
  if ((type === 'text' || type === 'output_text') && typeof text === 'string') return textPart(text);
  if (type === 'image_url') return mediaPart('image', { url: fields(image_url).url ?? image_url });
  if (type === 'audio' || type === 'output_audio') {
    const sound = { data, format, transcript, ...fields(audio) };
    const mimeType = typeof sound.format === 'string' ? `audio/${sound.format}` : undefined;
    const said = nonEmptyString(sound.transcript);
    return {
      ...mediaPart('audio', { base64: sound.data, mimeType }),
      ...(said === undefined ? {} : { transcript: said }),
    };
  }
  return isFields(piece) ? piece : {};
}

/** Appends parts. A text continues the text before it, and a sound the sound before it. */
export function joinParts(parts: Fields[], more: readonly Fields[]): void {
  for (const part of more) {
    const last = parts.at(-1);
    const isSame = last !== undefined && last.type === part.type;
    if (isSame && part.type === 'text') parts[parts.length - 1] = textPart(`${last.text}${part.text}`);
    else if (isSame && part.type === 'audio') parts[parts.length - 1] = joinedSound(last, part);
    else parts.push(part);
  }
}

function joinedSound(last: Fields, part: Fields): Fields {
  const transcript = `${nonEmptyString(last.transcript) ?? ''}${nonEmptyString(part.transcript) ?? ''}`;
  // Pieces of base64 may end anywhere and cannot be joined, so only their sizes are added up.
  const { data: _, ...rest } = last;
  const size = soundBytes(last) + soundBytes(part);
  return { ...rest, ...(size === 0 ? {} : { size_bytes: size }), ...(transcript === '' ? {} : { transcript }) };
}

function soundBytes({ data, size_bytes }: Fields): number {
  return typeof size_bytes === 'number' ? size_bytes : Math.floor(((nonEmptyString(data)?.length ?? 0) * 3) / 4);
}
