import { maxSpansPerRequest } from '../../model/limits.js';
import type { FoldedText } from '../../model/records.js';
import { unfold } from '../../model/unfold.js';
import type { Encoder } from '../wire/protocol.js';
import { encodeLateSpans, encodeScore, encodeTrace } from './encode.js';
import { itemRules } from './item-rules.js';

/** PandaProbe's calls, on the application's thread: bodies are folded JSON, which the worker unfolds. */
export const pandaProbeEncoder: Encoder = {
  ...itemRules,
  trace: (record, maxBytes) => encodeTrace(record, { maxSpans: maxSpansPerRequest, maxBytes }),
  lateSpans: (record, maxBytes) => encodeLateSpans(record, { maxSpans: maxSpansPerRequest, maxBytes }),
  score: (record) => [encodeScore(record)],
  toDisk: (body) => unfold(body as FoldedText), // from one of the three above
};
