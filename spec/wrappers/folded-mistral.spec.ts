import { Mistral } from '@mistralai/mistralai';
import { expect } from 'chai';
import { wrapMistral } from '../../lib/wrappers/mistral.js';
import { drain } from '../support/recorded.js';
import { json, useScene } from './support/scene.js';

type Deltas = readonly object[];

const text = (said: string) => ({ type: 'text', text: said });
const thinking = (...thoughts: readonly object[]) => ({ type: 'thinking', thinking: thoughts });
const call = (id: string, name: string, input: unknown, index: number) => ({
  ...{ id, index, type: 'function', function: { name, arguments: input } },
});
const reference = { type: 'reference', reference_ids: [1, 'b'] };
const source = { type: 'tool_reference', tool: 'web_search', title: 'X', url: 'https://x.test' };
const picture = { type: 'image_url', image_url: { url: 'https://x.test/1.png' } };
const document = { type: 'document_url', document_url: 'https://x.test/a.pdf', document_name: 'a' };

/** A message of a chat, the deltas that it comes in, and why it ended. */
const choices: Record<string, readonly [object, Deltas, string]> = {
  text: [{ content: 'Warm.' }, [{ content: 'Wa' }, { content: 'rm.' }], 'stop'],
  'an empty text': [{ content: '' }, [], 'length'],
  'several calls': [
    {
      content: '',
      tool_calls: [call('a1', 'weather', '{"x":1}', 0), call('a2', 'weather', '{}', 1), call('a3', 'now', '', 2)],
    },
    [
      { tool_calls: [call('a1', 'weather', '{"x"', 0)] },
      { tool_calls: [call('a1', '', ':1}', 0)] },
      { tool_calls: [call('a2', 'weather', '{}', 1), call('a3', 'now', '', 2)] },
    ],
    'tool_calls',
  ],
  'a call with an object, after a text': [
    { content: 'Ask.', tool_calls: [call('a1', 'weather', { city: 'Lisbon' }, 0)] },
    [{ content: 'Ask.' }, { tool_calls: [call('a1', 'weather', { city: 'Lisbon' }, 0)] }],
    'tool_calls',
  ],
  thoughts: [
    { content: [{ ...thinking(text('In the south.')), closed: true, signature: 'c2ln' }, text('Warm.')] },
    [
      { content: [thinking(text('In the '))] },
      { content: [{ ...thinking(text('south.')), closed: true, signature: 'c2ln' }] },
      { content: 'Wa' },
      { content: [text('rm.')] },
    ],
    'stop',
  ],
  'thoughts in two places': [
    { content: [thinking(text('One.')), text('Warm'), thinking(text('Two.')), text(' and dry.')] },
    [
      { content: [thinking(text('One.'))] },
      { content: [text('Warm')] },
      { content: [thinking(text('Two.'))] },
      { content: [text(' and dry.')] },
    ],
    'stop',
  ],
  'thoughts with sources': [
    { content: [thinking(text('See '), reference, source, text('there.')), text('Warm.')] },
    [
      { content: [thinking(text('See '))] },
      { content: [thinking(reference, source)] },
      { content: [thinking(text('there.'))] },
      { content: 'Warm.' },
    ],
    'stop',
  ],
  'references, pictures and documents': [
    { content: [text('Here'), reference, picture, document, { type: 'file', file_id: 'f1' }, text('there')] },
    [
      { content: 'He' },
      { content: 're' },
      { content: [reference, picture] },
      { content: [document, { type: 'file', file_id: 'f1' }, text('there')] },
    ],
    'stop',
  ],
  sound: [
    { content: [{ type: 'input_audio', input_audio: 'aGVsbG8=' }] },
    [{ content: [{ type: 'input_audio', input_audio: 'aGVsbG8=' }] }],
    'stop',
  ],
  'a piece of a type that is not known': [
    { content: [text('Here'), { type: 'hologram', light: 1 }] },
    [{ content: 'Here' }, { content: [{ type: 'hologram', light: 1 }] }],
    'model_length',
  ],
  'a failure': [{ content: 'Wa' }, [{ content: 'Wa' }], 'error'],
};

type Entry = Readonly<Record<string, unknown>> & { readonly type: string };
const message = (id: string, content: unknown, rest: object = {}): Entry => ({
  ...{ type: 'message.output', id, model: 'mistral-x-1', role: 'assistant', content },
  ...rest,
});
const execution = (id: string, rest: object): Entry => ({
  ...{ type: 'tool.execution', id, name: 'web_search', arguments: '{"query":"x"}', ...rest },
});
const asked = (id: string, input: unknown): Entry => ({
  ...{ type: 'function.call', id, tool_call_id: `t_${id}`, name: 'weather', arguments: input, model: 'mistral-x-1' },
});

/** Every type of entry that the client's types have, in groups as they come. */
const conversations: Record<string, readonly Entry[]> = {
  text: [message('m1', 'It is warm.')],
  'an empty text': [message('m1', '')],
  'a list of texts': [message('m1', [text('It is '), text('warm.')])],
  'two messages': [message('m1', 'One.'), message('m2', 'Two.', { model: 'mistral-y-1' })],
  thoughts: [message('m1', [thinking(text('In the south.')), text('Warm.')])],
  'thoughts in two places': [message('m1', [thinking(text('One.')), text('A'), thinking(text('Two.')), text('B')])],
  'thoughts in two messages': [
    message('m1', [thinking(text('One.')), text('A')]),
    message('m2', [thinking(text('Two.')), text('B')]),
  ],
  'sources, files, pictures and documents': [
    message('m1', [
      text('Here'),
      source,
      { type: 'tool_file', tool: 'image_generation', file_id: 'f1', file_name: 'a', file_type: 'png' },
      picture,
      document,
      text('there'),
    ]),
  ],
  'calls of functions': [asked('c1', '{"city":"Lisbon","days":[1,2]}'), asked('c2', '{}')],
  "the provider's own tools": [
    execution('x1', { info: { hits: 3 } }),
    execution('x2', { name: 'code_interpreter', arguments: '{"code":"print(1)"}', info: { code_output: '1\n' } }),
    execution('x3', {}),
    message('m1', 'Warm.'),
  ],
  'a hand-off': [
    {
      ...{ type: 'agent.handoff', id: 'h1', previous_agent_id: 'a', previous_agent_name: 'A' },
      next_agent_id: 'b',
      next_agent_name: 'B',
    },
    message('m1', 'Warm.'),
  ],
  'no entry at all': [],
};

const pieces = (whole: unknown) => [String(whole).slice(0, 3), String(whole).slice(3)].filter((piece) => piece !== '');

/** The events of one entry, as the API sends them. */
function eventsOf(entry: Entry, output_index: number): readonly object[] {
  const { type, id, content, arguments: input, info, model, ...rest } = entry;
  const head = { output_index, id };
  if (type === 'message.output') {
    const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
    return parts.flatMap((part, content_index) =>
      piecesOf(part).map((piece) => ({
        ...{ type: 'message.output.delta', ...head, content_index, model, role: 'assistant', content: piece },
      })),
    );
  }
  if (type === 'function.call') {
    return pieces(input).map((piece) => ({ type: 'function.call.delta', ...head, model, ...rest, arguments: piece }));
  }
  if (type === 'tool.execution') {
    const [first = '', second] = pieces(input);
    const more = second === undefined ? [] : [{ type: 'tool.execution.delta', ...head, ...rest, arguments: second }];
    return [
      { type: 'tool.execution.started', ...head, ...rest, arguments: first },
      ...more,
      { type: 'tool.execution.done', ...head, ...rest, info },
    ];
  }
  const { previous_agent_id, previous_agent_name, ...next } = rest;
  return [
    { type: 'agent.handoff.started', ...head, previous_agent_id, previous_agent_name },
    { type: 'agent.handoff.done', ...head, ...next },
  ];
}

function piecesOf(part: unknown): readonly unknown[] {
  if (typeof part === 'string') return part === '' ? [''] : pieces(part);
  const { type, text: said, thinking: thoughts } = part as Record<string, unknown>;
  if (type === 'text') return pieces(said).map(text);
  if (type !== 'thinking' || !Array.isArray(thoughts)) return [part];
  return thoughts.flatMap((each: object) => piecesOf(each).map((piece) => thinking(piece as object)));
}

describe('A streamed answer of Mistral', () => {
  const scene = useScene();
  const client = () =>
    wrapMistral(new Mistral({ apiKey: 'k', serverURL: scene.url, retryConfig: { strategy: 'none' } }));
  const facts = () =>
    scene.recorded.traces.map(({ spans }) =>
      spans.map(({ name, kind, status, error, input, output, model, tokenUsage, metadata }) => {
        return { name, kind, status, error, input, output, model, tokenUsage, metadata };
      }),
    );
  const usage = {
    ...{ prompt_tokens: 10, completion_tokens: 20, total_tokens: 30, service_tier: 'priority' },
    ...{ prompt_tokens_details: { cached_tokens: 4 }, completion_tokens_details: { reasoning_tokens: 3 } },
  };
  const head = { id: 'c1', created: 1, model: 'mistral-x-1' };

  for (const [name, chosen] of [
    ...Object.entries(choices).map(([key, one]) => [key, [one]] as const),
    ['all at once', Object.values(choices)] as const,
  ]) {
    it(`is recorded as the same chat completion in one piece: ${name}`, async () => {
      const whole = chosen.map(([given, , finish_reason], index) => {
        return { index, message: { role: 'assistant', tool_calls: null, ...given }, finish_reason };
      });
      const ask = { model: 'mistral-x', messages: [{ role: 'user' as const, content: 'Hi' }] };
      scene.answer = json({ ...head, object: 'chat.completion', choices: whole, usage });
      await client().chat.complete(ask);
      await client().agents.complete({ ...ask, agentId: 'a1' });
      const chunk = (index: number, delta: object, finish_reason: string | null = null) => {
        return { ...head, object: 'chat.completion.chunk', choices: [{ index, delta, finish_reason }] };
      };
      const most = Math.max(...chosen.map(([, deltas]) => deltas.length));
      const events: object[] = chosen.map((_, index) => chunk(index, { role: 'assistant', content: '' }));
      for (let at = 0; at < most; at += 1) {
        for (const [index, [, deltas]] of chosen.entries()) {
          const delta = deltas[at];
          if (delta !== undefined) events.push(chunk(index, delta));
        }
      }
      events.push(...chosen.map(([, , reason], index) => chunk(index, { content: '' }, reason)));
      events.push({ ...head, object: 'chat.completion.chunk', choices: [], usage });
      scene.answer = { kind: 'sse', done: true, events };
      await drain(await client().chat.stream(ask));
      await drain(await client().agents.stream({ ...ask, agentId: 'a1' }));
      const [chat, agent, ...streamed] = facts();
      expect(streamed).to.deep.equal([chat, agent]);
      expect(chat?.[0]?.metadata.finish_reason).to.equal(chosen[0]?.[2]);
    });
  }

  it('is recorded as the same chat completion in one piece: several messages, because a tool ran', async () => {
    const asked = call('a1', 'web_search', '{"query":"x"}', 0);
    const given = [
      { role: 'assistant', content: [thinking(text('Search.'))], tool_calls: [asked] },
      { role: 'tool', content: '3 hits', tool_call_id: 'a1' },
      { role: 'assistant', content: [thinking(text('Found.')), text('Warm.'), reference] },
    ];
    const choice = { index: 0, messages: given, finish_reason: 'stop' };
    const ask = { model: 'mistral-x', messages: [{ role: 'user' as const, content: 'Hi' }] };
    scene.answer = json({ ...head, object: 'chat.completion', choices: [choice], usage });
    await client().chat.complete(ask);
    const deltas = [
      { index: 0, role: 'assistant', content: [thinking(text('Sea'))] },
      { index: 0, content: [thinking(text('rch.'))] },
      { index: 0, tool_calls: [{ ...asked, function: { name: 'web_search', arguments: '{"query"' } }] },
      { index: 0, tool_calls: [{ ...asked, function: { name: '', arguments: ':"x"}' } }] },
      { index: 1, role: 'tool', content: '3 hits', tool_call_id: 'a1' },
      { index: 2, role: 'assistant', content: [thinking(text('Found.'))] },
      { index: 2, content: 'Warm.' },
      { index: 2, content: [reference] },
    ];
    const events = deltas.map((delta, i) => {
      const finish_reason = i === deltas.length - 1 ? 'stop' : null;
      return { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }], usage };
    });
    scene.answer = { kind: 'sse', done: true, events };
    await drain(await client().chat.stream(ask));
    const [whole, streamed] = facts();
    expect(streamed).to.deep.equal(whole);
    expect(whole?.[0]).to.deep.include({
      output: {
        messages: [
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'a1', type: 'function', function: { name: 'web_search', arguments: '{"query":"x"}' } }],
          },
          { role: 'tool', tool_call_id: 'a1', content: '3 hits' },
          { role: 'assistant', content: [text('Warm.'), { type: 'reference', referenceIds: [1, 'b'] }] },
        ],
      },
      metadata: { response_id: 'c1', finish_reason: 'stop', reasoning_summary: 'Search.\n\nFound.' },
    });
  });

  // Consecutive texts of one message come as one in a stream.
  const { 'a list of texts': _, ...others } = conversations;
  const all = Object.entries(others).flatMap(([name, entries]) =>
    entries.map((entry) => ({ ...entry, id: `${name}_${entry.id}` })),
  );
  for (const [name, entries] of [...Object.entries(conversations), ['all at once', all] as const]) {
    it(`is recorded as the same conversation in one piece: ${name}`, async () => {
      const counted = { prompt_tokens: 12, completion_tokens: 7, total_tokens: 29, connector_tokens: 10 };
      const ask = { model: 'mistral-x', inputs: 'Hi' };
      const conversation_id = 'k1';
      scene.answer = json({ object: 'conversation.response', conversation_id, outputs: entries, usage: counted });
      await client().beta.conversations.start(ask);
      const events = [
        { type: 'conversation.response.started', conversation_id },
        ...entries.flatMap(eventsOf),
        { type: 'conversation.response.done', usage: counted },
      ];
      scene.answer = { kind: 'sse', named: true, events };
      await drain(await client().beta.conversations.startStream(ask));
      const [whole, streamed] = facts();
      expect(streamed).to.deep.equal(whole);
      expect(whole?.[0]?.metadata.conversation).to.equal('k1');
    });
  }
});
