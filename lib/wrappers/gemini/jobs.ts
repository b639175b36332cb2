import { bodyError } from '../../calls/body-error.js';
import { type CallAdapter, noStream, type ReplyFacts, type RequestFacts } from '../../calls/call-adapter.js';
import { parameters, pick } from '../../calls/parameters.js';
import { content, textPart } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString, omitNullish } from '../../calls/read-unknown.js';
import { filterReasons, heldImages, imageParts, videoParts } from './media.js';

/* Calls that start a job, on which a model works later: the request, and the job. */

const allowed = {
  numberOfVideos: 'n',
  durationSeconds: 'duration_seconds',
  fps: 'fps',
  seed: 'seed',
  aspectRatio: 'aspect_ratio',
  resolution: 'resolution',
  personGeneration: 'person_generation',
  enhancePrompt: 'enhance_prompt',
  generateAudio: 'generate_audio',
  compressionQuality: 'compression_quality',
  resizeMode: 'resize_mode',
};

/** `ai.models.generateVideos()`: the input, media by size or address, and the operation that makes the video. */
export const videos: CallAdapter = {
  name: 'gemini-video',
  kind: 'LLM',
  request: videoRequest,
  reply: videoReply,
  stream: noStream,
};

function videoRequest({ model, prompt, image, video, source, config }: Fields): RequestFacts {
  const from = fields(source);
  const { negativePrompt, lastFrame, referenceImages, mask } = fields(config);
  const said = nonEmptyString(prompt) ?? nonEmptyString(from.prompt);
  const parts = [
    ...(said === undefined ? [] : [textPart(said)]),
    ...imageParts(image, from.image, lastFrame),
    ...heldImages(referenceImages, 'image'),
    ...heldImages([mask], 'image'),
    ...videoParts(video, from.video),
  ];
  const unwanted = omitNullish({ negative_prompt: nonEmptyString(negativePrompt) });
  return {
    input: { messages: [{ role: 'user', content: content(parts, '\n'), ...unwanted }] },
    model: nonEmptyString(model),
    parameters: parameters(pick(fields(config), allowed)),
  };
}

function videoReply(reply: unknown): ReplyFacts {
  const { name, done, response } = fields(reply);
  const { generatedVideos, raiMediaFilteredReasons } = fields(response);
  const made = list(generatedVideos).flatMap((each) => videoParts(fields(each).video));
  const error = bodyError(reply);
  return {
    output: { ...omitNullish({ name, done }), ...(made.length === 0 ? {} : { videos: made }) },
    metadata: {
      response_id: name,
      filtered_reasons: filterReasons(list(raiMediaFilteredReasons)),
      error: error?.details,
    },
    error: error?.text,
  };
}

/** `ai.batches.create()` and `createEmbeddings()`: the file or number of the requests, and the job. */
export const batches: CallAdapter = {
  name: 'gemini-batch',
  kind: 'OTHER',
  request: ({ model, src }) => ({ input: batchSource(src), model: nonEmptyString(model) }),
  reply(reply) {
    const { name, state, model } = fields(reply);
    const error = bodyError(reply);
    return {
      output: omitNullish({ name, state }),
      model: nonEmptyString(model),
      metadata: { response_id: name, error: error?.details },
      error: error?.text,
    };
  },
  stream: noStream,
};

function batchSource(src: unknown): Fields {
  if (typeof src === 'string') return { src };
  if (Array.isArray(src)) return { requests: src.length };
  const { fileName, gcsUri, bigqueryUri, inlinedRequests } = fields(src);
  // Embeddings have one request with a list of contents.
  const { contents } = fields(inlinedRequests);
  const requests = Array.isArray(inlinedRequests) ? inlinedRequests : contents;
  return {
    ...omitNullish({ file_name: fileName, gcs_uri: gcsUri, bigquery_uri: bigqueryUri, requests: howMany(requests) }),
  };
}

function howMany(requests: unknown): number | undefined {
  if (Array.isArray(requests)) return requests.length;
  return requests === undefined ? undefined : 1;
}
