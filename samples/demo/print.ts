import type { MemorySink } from 'pandaprobe-ts';
import type { Paint } from '../paint.js';
import type { Received } from '../receiving/receiving.js';
import { costOf, dollars, duration, renderTree, tokensOf } from '../tree.js';

/** Prints the traces as the server has them, with their totals. */
export function printTraces(traces: Received['traces'], paint: Paint): void {
  for (const trace of traces) {
    const tokens = trace.spans.reduce((sum, span) => sum + tokensOf(span), 0);
    const cost = trace.spans.reduce((sum, span) => sum + costOf(span), 0);
    const totals = [
      `${trace.spans.length} spans of ${new Set(trace.spans.map(({ kind }) => kind)).size} kinds`,
      `${tokens} tokens (words and marks, see countTokens)`,
      `${dollars(cost)} at example prices`,
      duration(trace.started_at, trace.ended_at),
    ];
    console.log(`${renderTree(trace, { paint })}\n\n${paint('bold', 'totals')}  ${totals.join(', ')}`);
  }
}

/** What the server got of what was recorded, and whether that is everything, and valid. */
export function receipt(
  { traces, requests, problems }: Pick<Received, 'traces' | 'requests' | 'problems'>,
  recorded: MemorySink,
  paint: Paint,
): { readonly text: string; readonly isFine: boolean } {
  const sent = count(recorded.traces, recorded.scores.length);
  const got = count(traces, traces.flatMap(({ scores }) => scores).length);
  const isFine = sent.all > 0 && got.all === sent.all && problems.length === 0;
  const verdict = problems.length === 0 ? 'all valid against the contract' : `${problems.length} against the contract`;
  const lines = [
    paint(isFine ? 'green' : 'red', `received ${got.all} of ${sent.all}, ${verdict}`),
    paint('dim', `traces ${got.traces}, spans ${got.spans}, scores ${got.scores}, in ${requests} requests`),
    ...problems.map((problem) => paint('red', problem)),
  ];
  return { text: lines.join('\n'), isFine };
}

function count(traces: readonly { readonly spans: readonly unknown[] }[], scores: number) {
  const spans = traces.reduce((sum, trace) => sum + trace.spans.length, 0);
  return { traces: traces.length, spans, scores, all: traces.length + spans + scores };
}
