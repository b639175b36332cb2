import type { Recorded } from '../../support/recorded.js';

/** The messages each span has for its output, in the order of the spans. */
export const outputsOf = ({ spans }: Recorded) =>
  spans.map(({ output }) => (output as { messages: unknown[] })?.messages);

/** The call of the one tool that these providers ask for, as it is recorded. */
export const tools = (id: string) => [
  { id, type: 'function', function: { name: 'weather', arguments: '{"city":"Lisbon"}' } },
];
