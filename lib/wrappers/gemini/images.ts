import { type CallAdapter, noStream, type ReplyFacts, type RequestFacts } from '../../calls/call-adapter.js';
import { parameters, pick } from '../../calls/parameters.js';
import { assistantMessage, content, textPart } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';
import { filterReasons, heldImages, imageParts } from './media.js';

/** Parameter names of the client, and the names under which they are recorded. */
const allowed = {
  numberOfImages: 'n',
  aspectRatio: 'aspect_ratio',
  imageSize: 'image_size',
  guidanceScale: 'guidance_scale',
  seed: 'seed',
  safetyFilterLevel: 'safety_filter_level',
  personGeneration: 'person_generation',
  language: 'language',
  outputMimeType: 'output_mime_type',
  outputCompressionQuality: 'output_compression_quality',
  addWatermark: 'add_watermark',
  enhancePrompt: 'enhance_prompt',
  enhanceInputImage: 'enhance_input_image',
  imagePreservationFactor: 'image_preservation_factor',
  editMode: 'edit_mode',
  baseSteps: 'base_steps',
  mode: 'mode',
  maxPredictions: 'max_predictions',
  confidenceThreshold: 'confidence_threshold',
  maskDilation: 'mask_dilation',
};

/**
 * `ai.models.generateImages()`, `editImage()`, `upscaleImage()`, `recontextImage()` and `segmentImage()`: images by
 * their size or address. Google counts no tokens here.
 */
export const images: CallAdapter = {
  name: 'gemini-image',
  kind: 'LLM',
  request: imageRequest,
  reply: imagesReply,
  stream: noStream,
};

function imageRequest({ model, prompt, image, referenceImages, upscaleFactor, source, config }: Fields): RequestFacts {
  const from = fields(source);
  const said = nonEmptyString(prompt) ?? nonEmptyString(from.prompt);
  const parts = [
    ...(said === undefined ? [] : [textPart(said)]),
    ...imageParts(image, from.image, from.personImage, fields(from.scribbleImage).image),
    ...heldImages(from.productImages, 'productImage'),
    ...heldImages(referenceImages, 'referenceImage'),
  ];
  const unwanted = omitNullish({ negative_prompt: nonEmptyString(fields(config).negativePrompt) });
  return {
    input: { messages: [{ role: 'user', content: content(parts, '\n'), ...unwanted }] },
    model: nonEmptyString(model),
    parameters: parameters(pick(fields(config), allowed), { upscale_factor: upscaleFactor }),
  };
}

function imagesReply(reply: unknown): ReplyFacts {
  const { generatedImages, generatedMasks } = fields(reply);
  const made = list(generatedImages).map(fields);
  const parts = [...made.flatMap(generatedParts), ...heldImages(generatedMasks, 'mask')];
  return {
    output: parts.length === 0 ? undefined : { messages: [assistantMessage(parts, [])] },
    metadata: { filtered_reasons: filterReasons(made.map(({ raiFilteredReason }) => raiFilteredReason)) },
  };
}

function generatedParts({ image, enhancedPrompt }: Fields): readonly Fields[] {
  return imageParts(image).map((part) => ({
    ...part,
    ...omitNullish({ revised_prompt: nonEmptyString(enhancedPrompt) }),
  }));
}
