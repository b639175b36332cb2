import { bodyError } from '../../calls/body-error.js';
import type { CallAdapter, InnerCall, ReplyFacts, ReplyStream } from '../../calls/call-adapter.js';
import { costInHeaders, statedCost } from '../../calls/openai/cost.js';
import { imageUsage, responseUsage } from '../../calls/openai/usage.js';
import { parameters, pick } from '../../calls/parameters.js';
import { assistantMessage, content, mediaPart, textPart } from '../../calls/parts.js';
import { type Fields, fields, isFields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { uploadParts } from './uploads.js';

const allowed = [
  'n',
  'size',
  'quality',
  'style',
  'background',
  'moderation',
  'output_format',
  'output_compression',
  'response_format',
  'partial_images',
  'input_fidelity',
];

/** `client.images.generate()`, `edit()` and `createVariation()`: images by their size or address. */
export const images: CallAdapter = {
  name: 'openai-image',
  kind: 'LLM',
  request(request) {
    const { prompt, model, image, mask } = request;
    const said = nonEmptyString(prompt);
    const parts = [
      ...(said === undefined ? [] : [textPart(said)]),
      ...uploadParts('image', image),
      ...uploadParts('image', mask),
    ];
    return {
      input: { messages: [{ role: 'user', content: content(parts, '\n') }] },
      model: nonEmptyString(model),
      parameters: parameters(pick(request, allowed)),
    };
  },
  reply: imagesReply,
  head: costInHeaders,
  stream: () => new ImageStream(),
};

function imagesReply(reply: unknown): ReplyFacts {
  const { data, usage, output_format, model, svg_usage } = fields(reply);
  const error = bodyError(reply);
  const made = list(data).map((image) => imagePart(fields(image), output_format));
  return {
    output: made.length === 0 ? undefined : { messages: [assistantMessage(made, [])] },
    model: nonEmptyString(model),
    usage: imageUsage(usage),
    cost: statedCost(reply, usage),
    metadata: { error: error?.details },
    error: error?.text,
    innerCalls: isFields(svg_usage) ? [svgCall(svg_usage)] : [],
  };
}

/** The call of the model that writes a vector image; the tokens of `usage` are those of the model for images. */
function svgCall(usage: Fields): InnerCall {
  return { name: 'openai-svg', model: nonEmptyString(usage.model), usage: responseUsage(usage) };
}

function imagePart({ url, b64_json, revised_prompt }: Fields, format: unknown): Fields {
  const part = mediaPart('image', { url, base64: b64_json, mimeType: `image/${nonEmptyString(format) ?? 'png'}` });
  const prompt = nonEmptyString(revised_prompt);
  return prompt === undefined ? part : { ...part, revised_prompt: prompt };
}

/** Drafts of an image, and the image. Source: OpenAI API reference, streaming events of images. */
class ImageStream implements ReplyStream {
  #made: Fields | undefined;
  isComplete = false;

  add(event: unknown): boolean {
    const { type, b64_json, output_format, usage, svg_usage } = fields(event);
    if (typeof type === 'string' && type.endsWith('.completed')) {
      this.isComplete = true;
      this.#made = { data: [{ b64_json }], output_format, usage, svg_usage };
    }
    return b64_json !== undefined;
  }

  facts(): ReplyFacts {
    return this.#made === undefined ? {} : imagesReply(this.#made);
  }
}
