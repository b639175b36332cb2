import type { RequestFacts } from '../../calls/call-adapter.js';
import { parameters, pick } from '../../calls/parameters.js';
import { content, mediaPart, textPart } from '../../calls/parts.js';
import { type Fields, fields, isFields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';

/*
 * Models that make images, videos and vectors get a task: its type, its prompt, and its settings. Amazon's bodies have prompt and
 * settings in objects named after the task (`textToImageParams`, `imageGenerationConfig`), Stability's have them at the top.
 * Sources: Amazon Titan, Nova and Stability AI in the Amazon Bedrock user guide.
 */

/** Parameter names of the client, and the names under which they are recorded. */
const allowed = {
  numberOfImages: 'n',
  samples: 'n',
  quality: 'quality',
  width: 'width',
  height: 'height',
  cfgScale: 'cfg_scale',
  cfg_scale: 'cfg_scale',
  seed: 'seed',
  steps: 'steps',
  style_preset: 'style_preset',
  mode: 'mode',
  strength: 'strength',
  aspect_ratio: 'aspect_ratio',
  output_format: 'output_format',
  durationSeconds: 'duration_seconds',
  duration: 'duration',
  resolution: 'resolution',
  fps: 'fps',
  dimension: 'dimension',
  embeddingDimension: 'dimensions',
  embeddingPurpose: 'embedding_purpose',
};

/** The input of a task; undefined if the body is no task. */
export function taskRequest(body: Fields): RequestFacts | undefined {
  const { taskType, text_prompts, prompt, negative_prompt } = body;
  const params = objectsOf(body, 'Params');
  const configs = objectsOf(body, 'Config');
  const isTask = nonEmptyString(taskType) !== undefined || Array.isArray(text_prompts) || isPictureRequest(body);
  if (!isTask) return undefined;
  const sources = [body, ...params];
  const texts = [prompt, ...params.map(({ text }) => text), ...list(text_prompts).map((each) => fields(each).text)];
  const shots = sources.flatMap(({ shots: each }) => list(each).map(fields));
  const said = [...texts, ...shots.map(({ text }) => text)].flatMap(
    (each) => nonEmptyString(each) ?? nonEmptyString(fields(each).value) ?? [],
  );
  const unwanted = [negative_prompt, ...params.map(({ negativeText }) => negativeText)].flatMap(
    (each) => nonEmptyString(each) ?? [],
  );
  const parts = [...said.map(textPart), ...[...sources, ...shots].flatMap(pictures)];
  return {
    input: {
      messages: [
        {
          role: 'user',
          content: content(parts, '\n'),
          ...omitNullish({ negative_prompt: nonEmptyString(unwanted.join('\n')) }),
        },
      ],
    },
    parameters: parameters({ task_type: taskType }, ...[...sources, ...configs].map((source) => pick(source, allowed))),
  };
}

/** The objects whose names have this ending. */
function objectsOf(body: Fields, ending: string): readonly Fields[] {
  return Object.entries(body).flatMap(([name, value]) => (name.endsWith(ending) && isFields(value) ? [value] : []));
}

/** A prompt together with one of these fields asks for an image or a video; a prompt alone may be for any model. */
function isPictureRequest({ prompt, messages, ...rest }: Fields): boolean {
  if (Array.isArray(messages) || typeof prompt !== 'string') return false;
  return ['output_format', 'aspect_ratio', 'negative_prompt', 'style_preset', 'mode', 'image'].some(
    (name) => name in rest,
  );
}

const pictureNames = [
  'image',
  'init_image',
  'mask',
  'mask_image',
  'maskImage',
  'conditionImage',
  'referenceImage',
  'sourceImage',
  'inputImage',
] as const;

function pictures(source: Fields): readonly Fields[] {
  const one = pictureNames.map((name) => source[name]);
  return [...one, ...list(source.images)].flatMap((each): Fields | readonly Fields[] => {
    if (typeof each === 'string') return mediaPart('image', { base64: each });
    const { format, source: from } = fields(each);
    if (!isFields(from)) return [];
    const mimeType = nonEmptyString(format) === undefined ? undefined : `image/${format}`;
    return mediaPart('image', { mimeType, base64: from.bytes, bytes: from.bytes, url: fields(from.s3Location).uri });
  });
}

/** The images of a reply, by their size, and why some are missing. */
export function picturesReply({ images, artifacts, finish_reasons }: Fields) {
  const made = [...list(images), ...list(artifacts).map((artifact) => fields(artifact).base64)];
  const reasons = [...list(finish_reasons), ...list(artifacts).map((artifact) => fields(artifact).finishReason)];
  const told = reasons.flatMap((reason) => nonEmptyString(reason) ?? []);
  return {
    parts: made.filter((each) => nonEmptyString(each) !== undefined).map((base64) => mediaPart('image', { base64 })),
    reasons: told.length === 0 ? undefined : told,
  };
}
