import { type CallAdapter, noStream, type ReplyFacts } from '../../calls/call-adapter.js';
import { formatName, parameters, pick } from '../../calls/parameters.js';
import { assistantMessage, content, textPart } from '../../calls/parts.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { messageParts } from './messages.js';

const allowed = {
  pages: 'pages',
  includeImageBase64: 'include_image_base64',
  imageLimit: 'image_limit',
  imageMinSize: 'image_min_size',
  tableFormat: 'table_format',
  includeBlocks: 'include_blocks',
};

/** `client.ocr.process()`: the text of the pages, without their images. Pages are counted, not tokens. */
export const ocr: CallAdapter = {
  name: 'mistral-ocr',
  kind: 'LLM',
  request(request) {
    const { document, documentAnnotationPrompt, model } = request;
    const hint = nonEmptyString(documentAnnotationPrompt);
    const parts = [...messageParts([document]), ...(hint === undefined ? [] : [textPart(hint)])];
    return {
      input: { messages: [{ role: 'user', content: content(parts, '\n') }] },
      model: nonEmptyString(model),
      parameters: parameters(pick(request, allowed), {
        document_annotation_format: formatName(request.documentAnnotationFormat),
        bbox_annotation_format: formatName(request.bboxAnnotationFormat),
      }),
    };
  },
  reply: pagesReply,
  stream: noStream,
};

function pagesReply(reply: unknown): ReplyFacts {
  const { pages, model, documentAnnotation, usageInfo } = fields(reply);
  const { pagesProcessed, docSizeBytes } = fields(usageInfo);
  const texts = list(pages).map((page) => textPart(nonEmptyString(fields(page).markdown) ?? ''));
  const annotation = nonEmptyString(documentAnnotation);
  const said: readonly Fields[] = annotation === undefined ? texts : [...texts, { type: 'annotation', annotation }];
  const message = assistantMessage(said, []);
  const whole = annotation === undefined ? { ...message, content: content(said, '\n\n') } : message;
  return {
    output: said.length === 0 ? undefined : { messages: [whole] },
    model: nonEmptyString(model),
    metadata: { pages_processed: pagesProcessed, document_bytes: docSizeBytes },
  };
}
