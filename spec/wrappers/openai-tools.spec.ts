import { expect } from 'chai';
import OpenAI from 'openai';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';
import { answering } from './support/answering.js';

const container = { type: 'container_reference', container_id: 'c1' };
const action = { commands: ['ls'], timeout_ms: null, max_output_length: null };
const shell = (environment: object | null) => ({
  ...{ type: 'shell_call', id: 'sh1', call_id: 'k1', status: 'completed', action, environment },
});
const listed = [{ stdout: 'a.txt', stderr: '', outcome: { type: 'exit', exit_code: 0 } }];

describe('wrapOpenAI(): tools of responses', () => {
  let recorded: Recorded;
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const client = (body: object) => wrapOpenAI(new OpenAI({ apiKey: 'k', fetch: answering(body) }));
  const response = (output: readonly object[], more: object = {}) => ({
    ...{ id: 'r1', object: 'response', model: 'gpt-x', status: 'completed', output, ...more },
  });
  const events = (output: readonly object[]) =>
    output.flatMap((item, output_index) => [
      { type: 'response.output_item.added', output_index, item: { ...item, status: 'in_progress' } },
      { type: 'response.output_item.done', output_index, item },
    ]);
  /** Answers with these items, first whole, then streamed, then streamed and cut before the end. */
  const threeTimes = async (output: readonly object[]) => {
    const ask = { model: 'gpt-x', input: 'Hi' };
    await client(response(output)).responses.create(ask);
    const whole = [...events(output), { type: 'response.completed', response: response(output) }];
    await drain(await client(whole).responses.create({ ...ask, stream: true }));
    await drain(await client(events(output)).responses.create({ ...ask, stream: true }));
  };
  const tools = () =>
    recorded.traces.map(({ spans }) =>
      spans
        .filter(({ kind }) => kind === 'TOOL')
        .map(({ name, input, output, metadata }) => [name, input, output, metadata.requested]),
    );

  it('records the result of a tool that is an item of its own, whole, streamed and cut off', async () => {
    await threeTimes([
      shell(container),
      { type: 'shell_call_output', id: 'so1', call_id: 'k1', output: listed, status: 'completed' },
      // The ids of a search that the server runs are null.
      { type: 'tool_search_call', id: 'ts1', call_id: null, execution: 'server', arguments: { paths: ['crm'] } },
      { type: 'tool_search_output', id: 'to1', call_id: null, execution: 'server', tools: [{ name: 'find' }] },
      { type: 'program', id: 'p1', call_id: 'k2', code: 'await find()', fingerprint: 'f' },
      { type: 'program_output', id: 'po1', call_id: 'k2', result: '3 found', status: 'completed' },
    ]);
    const expected = [
      ['shell', action, listed, undefined],
      ['tool_search', { paths: ['crm'] }, ['find'], undefined],
      ['program', { code: 'await find()' }, '3 found', undefined],
    ];
    expect(tools()).to.deep.equal([expected, expected, expected]);
  });

  it('ends a tool without a result with the stream', async () => {
    await threeTimes([shell(container)]);
    const expected = [['shell', action, { status: 'completed' }, undefined]];
    expect(tools()).to.deep.equal([expected, expected, expected]);
  });

  it('marks tools that the program runs, or has to allow, as requested', async () => {
    const actions = [{ type: 'click', x: 1, y: 2, button: 'left' }];
    await threeTimes([
      shell({ type: 'local' }),
      { type: 'tool_search_call', id: 'ts1', call_id: 'k2', execution: 'client', arguments: '{"q":1}' },
      { type: 'computer_call', id: 'cc1', call_id: 'k3', status: 'completed', actions, pending_safety_checks: [] },
      { type: 'mcp_approval_request', id: 'ma1', name: 'pay', server_label: 'bank', arguments: '{"eur":5}' },
    ]);
    const expected = [
      ['shell', action, undefined, true],
      ['tool_search', { q: 1 }, undefined, true],
      ['computer', actions, undefined, true],
      ['mcp:bank/pay', { eur: 5 }, undefined, true],
    ];
    expect(tools()).to.deep.equal([expected, expected, expected]);
  });

  it('records results of tools in the input with the role tool', async () => {
    const approval = { type: 'mcp_approval_response', approval_request_id: 'ma1', approve: true };
    await client(response([])).responses.create({
      model: 'gpt-x',
      input: [
        { type: 'shell_call_output', call_id: 'k1', output: listed },
        { type: 'local_shell_call_output', id: 'k2', output: 'done' },
        { type: 'apply_patch_call_output', call_id: 'k3', status: 'failed' },
        {
          ...{ type: 'computer_call_output', call_id: 'k4' },
          output: { type: 'computer_screenshot', image_url: `data:image/png;base64,${'A'.repeat(8000)}` },
        },
        approval,
      ] as OpenAI.Responses.ResponseInput,
    });
    expect(recorded.span.input).to.deep.equal({
      messages: [
        { role: 'tool', tool_call_id: 'k1', content: listed },
        { role: 'tool', tool_call_id: 'k2', content: 'done' },
        { role: 'tool', tool_call_id: 'k3', content: 'failed' },
        { role: 'tool', tool_call_id: 'k4', content: [{ type: 'image', mime_type: 'image/png', size_bytes: 6000 }] },
        { role: 'user', content: [approval] },
      ],
    });
  });
});
