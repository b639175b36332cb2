import { expect } from 'chai';
import { wrapGemini } from '../../lib/wrappers/gemini.js';
import { drain } from '../support/recorded.js';
import { noise } from './support/noise.js';
import { json, useScene } from './support/scene.js';
import { googleClients } from './support/versions.js';

type Step = Readonly<Record<string, unknown>> & { readonly type: string };

const data = (bytes: number) => noise(bytes).toString('base64');
const cited = { type: 'url_citation', url: 'https://x.test', start_index: 0, end_index: 4 };
const call = (type: string, rest: object): Step => ({ type: `${type}_call`, id: `c_${type}`, ...rest });
const result = (type: string, rest: object): Step => ({ type: `${type}_result`, call_id: `c_${type}`, ...rest });

/** Every type of step that the client's types have, in groups as they come. */
const interactions: Record<string, readonly Step[]> = {
  text: [{ type: 'model_output', content: [{ type: 'text', text: 'It is warm.' }] }],
  'text with citations': [
    { type: 'model_output', content: [{ type: 'text', text: 'Warm.', annotations: [cited, cited] }] },
  ],
  'several outputs': [
    { type: 'model_output', content: [{ type: 'text', text: 'Warm.' }] },
    { type: 'model_output', content: [{ type: 'text', text: 'Dry.' }] },
  ],
  'an output without content': [{ type: 'model_output' }],
  'an output that fails': [{ type: 'model_output', error: { code: 3, message: 'no' } }],
  thoughts: [
    {
      type: 'thought',
      signature: 'c2ln',
      summary: [{ type: 'text', text: 'In the south.' }],
    },
    { type: 'model_output', content: [{ type: 'text', text: 'Warm.' }] },
  ],
  'a thought without a summary': [{ type: 'thought', signature: 'c2ln' }],
  'calls of functions': [
    { type: 'function_call', id: 'f1', name: 'weather', arguments: { city: 'Lisbon', days: [1, 2] } },
    { type: 'function_call', id: 'f2', name: 'now', arguments: {} },
  ],
  'a search': [
    call('google_search', { arguments: { queries: ['x'] }, signature: 'c2ln' }),
    result('google_search', { result: [{ search_suggestions: '<b>x</b>' }], signature: 'c2ln' }),
  ],
  'a search that fails': [
    call('google_search', { arguments: { queries: ['x'] } }),
    result('google_search', { result: [], is_error: true }),
  ],
  'code that runs': [
    call('code_execution', { arguments: { code: 'print(1)', language: 'python' } }),
    result('code_execution', { result: '1\n' }),
    call('url_context', { arguments: { urls: ['https://x.test'] } }),
    result('url_context', { result: [{ url: 'https://x.test', status: 'success' }] }),
  ],
  'maps and files': [
    call('google_maps', { arguments: { queries: ['x'] } }),
    result('google_maps', { result: [{ places: [{ name: 'X' }] }] }),
    call('file_search', {}),
    result('file_search', { result: [{ title: 'a' }] }),
    call('retrieval', { arguments: { queries: ['x'] }, retrieval_type: 'exa_ai_search' }),
    result('retrieval', { is_error: false }),
    call('processing', {}),
    result('processing', {}),
  ],
  'an MCP server': [
    call('mcp_server_tool', { name: 'find', server_name: 's', arguments: { text: 'x' } }),
    result('mcp_server_tool', { name: 'find', server_name: 's', result: [{ type: 'text', text: 'found' }] }),
  ],
  'a result of a function': [
    { type: 'function_result', call_id: 'f1', name: 'weather', result: 'warm', is_error: false },
  ],
  pictures: [
    {
      type: 'model_output',
      content: [
        { type: 'text', text: 'Here' },
        { type: 'image', mime_type: 'image/png', data: data(300) },
        { type: 'image', mime_type: 'image/png', data: data(3000) },
        { type: 'image', mime_type: 'image/png', uri: 'https://x.test/a.png' },
        { type: 'text', text: 'there' },
      ],
    },
  ],
  'sound, video and a document': [
    {
      type: 'model_output',
      content: [
        { type: 'audio', mime_type: 'audio/wav', data: data(4000), sample_rate: 8000, channels: 1 },
        { type: 'video', mime_type: 'video/mp4', uri: 'https://x.test/a.mp4' },
        { type: 'document', mime_type: 'application/pdf', data: data(2000) },
      ],
    },
  ],
};

const list = (value: unknown): readonly Record<string, unknown>[] => (Array.isArray(value) ? value : []);
const pieces = (text: string) => [text.slice(0, 3), text.slice(3)].filter((piece) => piece !== '');

/** The deltas of a content. */
function deltasOf({ type, text, annotations, data: bytes, ...rest }: Record<string, unknown>): readonly object[] {
  if (type === 'text') {
    const said = pieces(String(text)).map((piece) => ({ type, text: piece }));
    return annotations === undefined
      ? said
      : [...said, ...list(annotations).map((each) => ({ type: 'text_annotation_delta', annotations: [each] }))];
  }
  if (type !== 'audio') return [{ type, data: bytes, ...rest }];
  const at = 4 * Math.floor(String(bytes).length / 8);
  return [String(bytes).slice(0, at), String(bytes).slice(at)].map((piece) => ({ type, data: piece, ...rest }));
}

/** The events of one step, as the API sends them. */
function eventsOf(step: Step, index: number): readonly object[] {
  const [start, deltas] = opened(step);
  return [
    { event_type: 'step.start', index, step: start },
    ...deltas.map((delta) => ({ event_type: 'step.delta', index, delta })),
    { event_type: 'step.stop', index },
  ];
}

function opened(step: Step): readonly [object, readonly object[]] {
  const { type, content, summary, signature, arguments: input, id, call_id, ...rest } = step;
  if (type === 'model_output') return [{ type, ...rest }, list(content).flatMap(deltasOf)];
  if (type === 'thought') {
    const thoughts = list(summary).flatMap(({ text }) => pieces(String(text)));
    return [
      { type },
      [
        ...thoughts.map((text) => ({ type: 'thought_summary', content: { type: 'text', text } })),
        { type: 'thought_signature', signature },
      ],
    ];
  }
  if (type === 'function_call') {
    const written = pieces(JSON.stringify(input)).map((piece) => ({ type: 'arguments_delta', arguments: piece }));
    return [{ type, id, ...rest, arguments: {} }, written];
  }
  if (type.endsWith('_call')) {
    const empty = input === undefined ? {} : { arguments: {} };
    return [{ type, id, ...rest, ...empty }, [{ type, arguments: input, signature, ...rest }]];
  }
  return [{ type, call_id, ...('result' in rest ? { result: [] } : {}) }, [{ type, signature, ...rest }]];
}

const usage = {
  ...{ total_input_tokens: 12, total_tool_use_tokens: 3, total_cached_tokens: 5, total_output_tokens: 4 },
  ...{ total_thought_tokens: 6, total_tokens: 25 },
  input_tokens_by_modality: [{ modality: 'audio', tokens: 8 }],
  output_tokens_by_modality: [{ modality: 'image', tokens: 3 }],
};

for (const [client, GoogleGenAI] of await googleClients()) {
  describe(`A streamed interaction of Gemini, ${client}`, () => {
    const scene = useScene();
    const ai = () =>
      wrapGemini(new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: scene.url, retryOptions: { attempts: 1 } } }));
    const facts = () =>
      scene.recorded.traces.map(({ spans }) =>
        spans.map(({ name, kind, status, error, input, output, model, tokenUsage, metadata }) => {
          return { name, kind, status, error, input, output, model, tokenUsage, metadata };
        }),
      );
    const all = Object.values(interactions)
      .flat()
      .filter(({ error }) => error === undefined);

    for (const [name, steps] of [...Object.entries(interactions), ['all at once', all] as const]) {
      it(`is recorded as the same interaction in one piece: ${name}`, async () => {
        const head = { id: 'i1', model: 'gemini-x-001', service_tier: 'flex', created: '2026-01-01T00:00:00Z' };
        const whole = { ...head, object: 'interaction', status: 'completed', steps, usage };
        scene.answer = json(whole);
        await ai().interactions.create({ model: 'gemini-x', input: 'Hi' });
        const events = [
          { event_type: 'interaction.created', interaction: { ...head, status: 'in_progress' } },
          { event_type: 'interaction.status_update', interaction_id: 'i1', status: 'in_progress' },
          ...steps.flatMap(eventsOf),
          { event_type: 'interaction.completed', interaction: { ...head, status: 'completed', usage } },
        ];
        scene.answer = { kind: 'sse', events };
        await drain(await ai().interactions.create({ model: 'gemini-x', input: 'Hi', stream: true }));
        const [first, second] = facts();
        expect(second).to.deep.equal(first);
        expect(first?.[0]?.metadata.status).to.equal('completed');
      });
    }
  });
}
