import { noise } from '../support/noise.js';

/*
 * What models on Bedrock are asked and answer, in the words of each family.
 * Source: Amazon Bedrock user guide, inference request parameters and response fields.
 */

/** One form of a family. */
export interface Family {
  readonly family: string;
  readonly modelId: string;
  readonly body: object;
  readonly reply?: object;
  /** The same as a stream, where the family has one. */
  readonly chunks?: readonly object[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly kind?: 'EMBEDDING';
  readonly input: unknown;
  readonly output: unknown;
  readonly parameters?: object;
  readonly tokens: object | undefined;
  readonly metadata?: object;
}

export const picture = noise(3000).toString('base64');
const shown = { type: 'image', size_bytes: 3000 };
const said = (content: unknown, role = 'assistant') => ({ messages: [{ role, content }] });
const asked = (content: unknown) => said(content, 'user');
const text = (value: string) => ({ type: 'text', text: value });
const tokens = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
const counted = { 'x-amzn-bedrock-input-token-count': '5', 'x-amzn-bedrock-output-token-count': '2' };
const metrics = { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 5, outputTokenCount: 2 } };
const billed = { meta: { billed_units: { input_tokens: 5, output_tokens: 2 } } };
const weather = { type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } };

export const families: readonly Family[] = [
  {
    family: 'Claude 2: completions',
    modelId: 'anthropic.claude-v2',
    body: { prompt: 'Hi', max_tokens_to_sample: 9 },
    reply: { type: 'completion', completion: 'Hello', stop_reason: 'stop_sequence' },
    chunks: [
      { type: 'completion', completion: 'Hel', stop_reason: null },
      { type: 'completion', completion: 'lo', stop_reason: 'stop_sequence', ...metrics },
    ],
    headers: counted,
    input: asked('Hi'),
    output: said('Hello'),
    parameters: { max_tokens: 9 },
    tokens,
    metadata: { stop_reason: 'stop_sequence' },
  },
  {
    family: 'Mistral Large: messages in the chunks of a stream',
    modelId: 'mistral.mistral-large-2407-v1:0',
    body: { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 9 },
    reply: { choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, stop_reason: 'stop' }] },
    chunks: [
      { choices: [{ index: 0, message: { role: 'assistant', content: 'Hel' }, stop_reason: null }] },
      { choices: [{ index: 0, message: { role: 'assistant', content: 'lo' }, stop_reason: 'stop' }], ...metrics },
    ],
    headers: counted,
    input: asked('Hi'),
    output: said('Hello'),
    parameters: { max_tokens: 9 },
    tokens,
    metadata: { finish_reason: 'stop' },
  },
  {
    family: 'Command R: calls, citations and what is billed',
    modelId: 'cohere.command-r-v1:0',
    body: {
      message: 'How warm?',
      preamble: 'Be brief.',
      chat_history: [
        { role: 'USER', message: 'Hi' },
        { role: 'CHATBOT', message: 'Hello' },
      ],
    },
    reply: {
      text: 'I look',
      generation_id: 'g1',
      finish_reason: 'COMPLETE',
      tool_calls: [{ name: 'weather', parameters: { city: 'Bern' } }],
      ...billed,
    },
    chunks: [
      { event_type: 'stream-start', is_finished: false, generation_id: 'g1' },
      { event_type: 'text-generation', is_finished: false, text: 'I ' },
      { event_type: 'text-generation', is_finished: false, text: 'look' },
      {
        event_type: 'tool-calls-generation',
        is_finished: false,
        tool_calls: [{ name: 'weather', parameters: { city: 'Bern' } }],
      },
      {
        event_type: 'stream-end',
        is_finished: true,
        finish_reason: 'COMPLETE',
        response: { text: 'I look', generation_id: 'g1', finish_reason: 'COMPLETE', ...billed },
        ...metrics,
      },
    ],
    input: {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'How warm?' },
      ],
    },
    output: { messages: [{ role: 'assistant', content: 'I look', tool_calls: [weather] }] },
    tokens,
    metadata: { response_id: 'g1', stop_reason: 'COMPLETE' },
  },
  {
    family: 'Command: generations',
    modelId: 'cohere.command-text-v14',
    body: { prompt: 'Hi', max_tokens: 9 },
    reply: { id: 'c1', generations: [{ id: 'g1', text: 'Hello', finish_reason: 'COMPLETE' }], prompt: 'Hi' },
    headers: counted,
    input: asked('Hi'),
    output: said('Hello'),
    parameters: { max_tokens: 9 },
    tokens,
    metadata: { stop_reason: 'COMPLETE' },
  },
  {
    family: 'Jurassic: completions in completions',
    modelId: 'ai21.j2-ultra-v1',
    body: { prompt: 'Hi', maxTokens: 9 },
    reply: {
      id: 1,
      completions: [{ data: { text: 'Hello', tokens: [{}, {}] }, finishReason: { reason: 'endoftext' } }],
    },
    headers: counted,
    input: asked('Hi'),
    output: said('Hello'),
    parameters: { max_tokens: 9 },
    tokens,
    metadata: { stop_reason: 'endoftext' },
  },
  {
    family: 'Titan: several results',
    modelId: 'amazon.titan-text-express-v1',
    body: { inputText: 'Hi', textGenerationConfig: { temperature: 0.5, topP: 0.9 } },
    reply: {
      inputTextTokenCount: 5,
      results: [
        { outputText: 'Hel', tokenCount: 1, completionReason: 'FINISH' },
        { outputText: 'lo', tokenCount: 1, completionReason: 'FINISH' },
      ],
    },
    input: asked('Hi'),
    output: { messages: [...said('Hel').messages, ...said('lo').messages] },
    parameters: { temperature: 0.5, top_p: 0.9 },
    tokens,
  },
  {
    family: 'Nova: the cache beside the prompt, and a guardrail',
    modelId: 'eu.amazon.nova-lite-v1:0',
    body: { schemaVersion: 'messages-v1', messages: [{ role: 'user', content: [{ text: 'Hi' }] }] },
    reply: {
      output: { message: { role: 'assistant', content: [{ text: 'Hello' }] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 2, outputTokens: 2, totalTokens: 7, cacheReadInputTokenCount: 3 },
      'amazon-bedrock-guardrailAction': 'NONE',
    },
    chunks: [
      { messageStart: { role: 'assistant' } },
      { contentBlockDelta: { delta: { text: 'Hello' }, contentBlockIndex: 0 } },
      { messageStop: { stopReason: 'end_turn' } },
      {
        metadata: { usage: { inputTokens: 2, outputTokens: 2, totalTokens: 7, cacheReadInputTokenCount: 3 } },
        'amazon-bedrock-guardrailAction': 'NONE',
      },
    ],
    input: asked('Hi'),
    output: said('Hello'),
    tokens: { ...tokens, cache_read_tokens: 3 },
    metadata: { stop_reason: 'end_turn', guardrail_action: 'NONE' },
  },
  {
    family: 'Llama: a picture beside the prompt, counts in the first and the last chunk',
    modelId: 'meta.llama3-2-11b-instruct-v1:0',
    body: { prompt: 'Hi', images: [picture], max_gen_len: 9 },
    reply: { generation: 'Hello', prompt_token_count: 5, generation_token_count: 2, stop_reason: 'stop' },
    chunks: [
      { generation: 'Hel', prompt_token_count: 5, generation_token_count: 1, stop_reason: null },
      { generation: 'lo', prompt_token_count: null, generation_token_count: 2, stop_reason: 'stop' },
    ],
    input: asked([text('Hi'), shown]),
    output: said('Hello'),
    parameters: { max_tokens: 9 },
    tokens,
  },
  {
    family: 'DeepSeek: thoughts beside the answer',
    modelId: 'deepseek.v3-v1:0',
    body: { messages: [{ role: 'user', content: 'Hi' }] },
    reply: {
      choices: [{ index: 0, message: { content: 'Hello', reasoning_content: 'why not' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
    },
    chunks: [
      { choices: [{ index: 0, delta: { reasoning_content: 'why not' }, finish_reason: null }] },
      { choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: 'stop' }], ...metrics },
    ],
    input: asked('Hi'),
    output: said('Hello'),
    tokens,
    metadata: { finish_reason: 'stop', reasoning_summary: 'why not' },
  },
  {
    family: 'Claude: the cache in the headers of a body that counts nothing',
    modelId: 'anthropic.claude-v2:1',
    body: { prompt: 'Hi' },
    reply: { completion: 'Hello' },
    headers: {
      ...counted,
      'x-amzn-bedrock-cache-read-input-token-count': '3',
      'x-amzn-bedrock-cache-write-input-token-count': '1',
    },
    input: asked('Hi'),
    output: said('Hello'),
    tokens: {
      prompt_tokens: 9,
      completion_tokens: 2,
      total_tokens: 11,
      cache_read_tokens: 3,
      cache_creation_tokens: 1,
    },
  },
  {
    family: 'Pegasus: a film and a message that is a text',
    modelId: 'twelvelabs.pegasus-1-2-v1:0',
    body: { inputPrompt: 'What happens?', mediaSource: { s3Location: { uri: 's3://films/1.mp4' } } },
    reply: { message: 'A panda walks.', finishReason: 'stop' },
    chunks: [{ message: 'A panda ' }, { message: 'walks.', finishReason: 'stop', ...metrics }],
    headers: counted,
    input: asked([text('What happens?'), { type: 'video', url: 's3://films/1.mp4' }]),
    output: said('A panda walks.'),
    tokens,
    metadata: { stop_reason: 'stop' },
  },
  {
    family: 'Stability: a picture, and why another is missing',
    modelId: 'stability.sd3-5-large-v1:0',
    body: { prompt: 'a panda', negative_prompt: 'snow', image: picture, mode: 'image-to-image', output_format: 'png' },
    reply: { seeds: [1, 2], finish_reasons: [null, 'Filter reason: output image'], images: [picture, ''] },
    input: { messages: [{ role: 'user', content: [text('a panda'), shown], negative_prompt: 'snow' }] },
    output: said([shown]),
    parameters: { mode: 'image-to-image', output_format: 'png' },
    tokens: undefined,
    metadata: { finish_reasons: ['Filter reason: output image'] },
  },
  {
    family: 'Stability XL: prompts and artifacts',
    modelId: 'stability.stable-diffusion-xl-v1',
    body: { text_prompts: [{ text: 'a panda', weight: 1 }], cfg_scale: 7, steps: 30 },
    reply: { result: 'success', artifacts: [{ seed: 1, base64: picture, finishReason: 'SUCCESS' }] },
    input: asked('a panda'),
    output: said([shown]),
    parameters: { cfg_scale: 7, steps: 30 },
    tokens: undefined,
    metadata: { finish_reasons: ['SUCCESS'] },
  },
  {
    family: 'Nova Canvas: a task',
    modelId: 'amazon.nova-canvas-v1:0',
    body: {
      taskType: 'INPAINTING',
      inPaintingParams: { text: 'a panda', negativeText: 'snow', image: picture, maskPrompt: 'the cat' },
      imageGenerationConfig: { numberOfImages: 1, height: 512, cfgScale: 6.5 },
    },
    reply: { images: [picture] },
    input: { messages: [{ role: 'user', content: [text('a panda'), shown], negative_prompt: 'snow' }] },
    output: said([shown]),
    parameters: { task_type: 'INPAINTING', n: 1, height: 512, cfg_scale: 6.5 },
    tokens: undefined,
  },
  {
    family: 'Titan: vectors of several sorts',
    modelId: 'amazon.titan-embed-text-v2:0',
    body: { inputText: 'Hi', dimensions: 256 },
    reply: { embeddingsByType: { binary: [0, 1, 1] }, inputTextTokenCount: 5 },
    kind: 'EMBEDDING',
    input: asked('Hi'),
    output: { count: 1, dimensions: 3 },
    parameters: { dimensions: 256 },
    tokens: { prompt_tokens: 5, completion_tokens: 0, total_tokens: 5 },
  },
  {
    family: 'Titan: a vector of a text and a picture',
    modelId: 'amazon.titan-embed-image-v1',
    body: { inputText: 'a panda', inputImage: picture },
    reply: { embedding: [0.5, 0.25], inputTextTokenCount: 5 },
    kind: 'EMBEDDING',
    input: asked([text('a panda'), shown]),
    output: { count: 1, dimensions: 2 },
    tokens: { prompt_tokens: 5, completion_tokens: 0, total_tokens: 5 },
  },
  {
    family: 'Cohere: vectors by their type',
    modelId: 'cohere.embed-v4:0',
    body: { texts: ['a', 'b'], input_type: 'search_query', embedding_types: ['int8'] },
    reply: {
      id: 'e1',
      response_type: 'embeddings_by_type',
      embeddings: {
        int8: [
          [1, 2],
          [3, 4],
        ],
      },
    },
    headers: { 'x-amzn-bedrock-input-token-count': '5' },
    kind: 'EMBEDDING',
    input: { input: ['a', 'b'] },
    output: { count: 2, dimensions: 2 },
    parameters: { input_type: 'search_query' },
    tokens: { prompt_tokens: 5 },
  },
  {
    family: 'Nova: vectors in objects',
    modelId: 'amazon.nova-2-multimodal-embeddings-v1:0',
    body: {
      taskType: 'SINGLE_EMBEDDING',
      singleEmbeddingParams: { embeddingPurpose: 'GENERIC_INDEX', embeddingDimension: 256, text: { value: 'a panda' } },
    },
    reply: { embeddings: [{ embeddingType: 'TEXT', embedding: [0.5, 0.25] }] },
    kind: 'EMBEDDING',
    input: asked('a panda'),
    output: { count: 1, dimensions: 2 },
    parameters: { task_type: 'SINGLE_EMBEDDING', embedding_purpose: 'GENERIC_INDEX', dimensions: 256 },
    tokens: undefined,
  },
  {
    family: 'Marengo: vectors of a film',
    modelId: 'twelvelabs.marengo-embed-2-7-v1:0',
    body: { inputType: 'video', mediaSource: { s3Location: { uri: 's3://films/1.mp4' } } },
    reply: {
      data: [
        { embedding: [0.5], startSec: 0 },
        { embedding: [0.25], startSec: 5 },
      ],
    },
    kind: 'EMBEDDING',
    input: asked([{ type: 'video', url: 's3://films/1.mp4' }]),
    output: { count: 2, dimensions: 1 },
    tokens: undefined,
  },
  {
    family: 'a reranker: documents by their relevance',
    modelId: 'cohere.rerank-v3-5:0',
    body: { query: 'Where?', documents: ['here', 'there'], top_n: 1, api_version: 2 },
    reply: { results: [{ index: 1, relevance_score: 0.9 }] },
    input: { query: 'Where?', documents: ['here', 'there'] },
    output: { results: [{ index: 1, relevance_score: 0.9 }] },
    tokens: undefined,
  },
];
