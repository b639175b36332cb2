import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import type { HeaderFields, TransportAnswer } from '../../../lib/delivery/http/transport.js';
import { createOtlpExchange } from '../../../lib/delivery/otlp/exchange.js';
import { encodeTrace } from '../../../lib/delivery/pandaprobe/encoder.js';
import type { Job } from '../../../lib/delivery/wire/job-codec.js';
import type { Result } from '../../../lib/delivery/wire/messages.js';
import type { SendContext } from '../../../lib/delivery/wire/protocol.js';
import type { OtelSpan } from '../../../lib/otel/otel-span.js';
import { readRequest } from '../../../lib/otel/reading/read-request.js';
import { decodeProtobuf } from '../../../lib/otel/wire/decode-protobuf.js';
import { encodeAnswer } from '../../../lib/otel/wire/encode-answer.js';
import { chainOf, traceRecord } from '../../support/delivery.js';

/*
 * Traces of one or more bodies, sent again and again until all are settled, to a receiver that answers anything for a while and then
 * accepts all. Whatever it answers, each span is settled once, and looks as if nothing had happened:
 *
 *   jobs ──> requests ──> accepted, in part or all · refused · halved · obstacle
 *    └──────── what is left <────────────────────────────────────────────┘
 */

/** The answers; `rejected` is a partial success. */
const answers = {
  accepted: {},
  partly: { rejected: 1 },
  'all rejected': { rejected: 1e6 },
  login: { contentType: 'text/html' },
  cut: { ending: 'cut' },
  400: { status: 400, contentType: 'text/plain' },
  413: { status: 413 },
  410: { status: 410 },
  415: { status: 415 },
  401: { status: 401 },
  404: { status: 404 },
  429: { status: 429 },
  500: { status: 500 },
  503: { status: 503, retryAfter: '3' },
  504: { status: 504 },
  reset: { kind: 'none', what: 'ECONNRESET', mayHaveArrived: true, mayBeTooMuch: true },
} as const;
type AnswerName = `${keyof typeof answers}`;

/** What an answer means for the spans of a request. */
function meaningOf(answer: AnswerName, spans: number): 'taken' | 'lost' | 'open' {
  if (answer === 'accepted' || (answer === 'partly' && spans > 1)) return 'taken';
  if (['partly', 'all rejected', '410'].includes(answer)) return 'lost';
  return spans === 1 && ['400', '413'].includes(answer) ? 'lost' : 'open';
}

interface Program {
  readonly encoding: 'protobuf' | 'json';
  readonly compression: 'gzip' | 'none';
  readonly maxBodyBytes: number;
  readonly traces: readonly { readonly spans: number; readonly maxBytes: number }[];
  readonly answers: readonly AnswerName[];
}

const programs: fc.Arbitrary<Program> = fc.record({
  encoding: fc.constantFrom('protobuf', 'json'),
  compression: fc.constantFrom('gzip', 'none'),
  maxBodyBytes: fc.constantFrom(700, 2000, 20_000, 4e6),
  traces: fc.array(fc.record({ spans: fc.nat(12), maxBytes: fc.constantFrom(400, 900, 4e6) }), {
    ...{ minLength: 1, maxLength: 4 },
  }),
  answers: fc.array(
    fc.oneof(fc.constant('accepted' as const), fc.constantFrom(...(Object.keys(answers) as AnswerName[]))),
    { maxLength: 12 },
  ),
});

interface Sent {
  readonly spans: readonly OtelSpan[];
  readonly answer: AnswerName;
}

function answerWith(name: AnswerName, isJson: boolean): TransportAnswer {
  const given = answers[name];
  const rejected = 'rejected' in given ? given.rejected : 0;
  const said = isJson
    ? Buffer.from(JSON.stringify(rejected > 0 ? { partialSuccess: { rejectedSpans: `${rejected}` } } : {}))
    : encodeAnswer.partialSuccess(rejected, '');
  return {
    ...{ kind: 'answer', status: 200, retryAfter: undefined, ending: 'whole', requestId: 'r' },
    ...{ contentType: isJson ? 'application/json' : 'application/x-protobuf', text: said.toString(), bytes: said },
    ...given,
  } as TransportAnswer; // or kind 'none', with what belongs to it
}

/** Runs a program. Returns its requests, and for each trace its result, all notes about it and its spans in number. */
async function run({ encoding, compression, maxBodyBytes, traces, answers: script }: Program) {
  const settings = { encoding, compression, headers: {}, resource: {}, captureContent: true };
  const jobs = traces.map(({ spans, maxBytes }, id): Job => {
    const labels = { sessionId: 's', userId: 'u', environment: `e${id}`, release: '1' };
    const record = traceRecord({ spans: chainOf(spans), ...labels });
    const bodies = encodeTrace(record, { maxSpans: 500, maxBytes }).map((body) => Buffer.from(body));
    return {
      id,
      kind: 'trace',
      traceId: record.traceId,
      bodies,
      acknowledged: 0,
      isUncertain: false,
      isOrphaned: false,
    };
  });
  const left = [...script];
  const sent: Sent[] = [];
  let isBefore = true;
  const post = async (_: string, bytes: Buffer | string, headers?: HeaderFields): Promise<TransportAnswer> => {
    if (isBefore) return answerWith('accepted', encoding === 'json');
    const body = headers?.['Content-Encoding'] === 'gzip' ? gunzipSync(bytes) : Buffer.from(bytes);
    const { spans } = readRequest(encoding === 'json' ? JSON.parse(body.toString()) : decodeProtobuf(body));
    const answer = left.shift() ?? 'accepted';
    sent.push({ spans, answer });
    return answerWith(answer, encoding === 'json');
  };
  const context: SendContext = {
    transport: { post, get: () => post('', ''), close() {} },
    ...{ limit: { maxBodyBytes }, redact: (text) => text, isStopped: () => false },
    patience: { for: () => 1, late() {} },
  };
  const exchange = createOtlpExchange(settings);
  // The receiver is known to take gzip, so no request is made again without it.
  await exchange.send([{ ...(jobs[0] as Job), id: -1 }], context);
  isBefore = false;
  const results: Result[] = [];
  const notes = jobs.map((): string[] => []);
  for (const waiting = [...jobs]; waiting.length > 0; ) {
    const together = waiting.splice(0, exchange.countTogether(waiting));
    for (const [at, result] of (await exchange.send(together, context)).entries()) {
      const job = together[at] as Job; // a result for each
      notes[job.id]?.push(...result.notes);
      if (result.kind === 'delivered' || result.kind === 'refused') results[job.id] = result;
      else {
        const { acknowledged } = result.rest;
        waiting.push({ ...job, acknowledged, bodies: job.bodies.slice(acknowledged - job.acknowledged) });
      }
    }
  }
  return { sent, results, notes, traceIds: jobs.map(({ traceId }) => traceId.replaceAll('-', '')) };
}

describe('OTLP, with random answers', () => {
  it('settles each span once, and tells the lost ones', async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (program) => {
        const { sent, results, notes, traceIds } = await run(program);
        const shown = sent.map(({ spans, answer }) => `${answer}: ${spans.length}`).join(', ');
        for (const [at, traceId] of traceIds.entries()) {
          const settled = { taken: [] as string[], lost: [] as string[], open: [] as string[] };
          for (const { spans, answer } of sent) {
            const own = spans.filter((span) => span.traceId === traceId).map(({ spanId }) => spanId);
            settled[meaningOf(answer, spans.length)].push(...own);
          }
          const { taken, lost } = settled;
          const count = (program.traces[at]?.spans ?? 0) + 1;
          expect([taken.length + lost.length, new Set([...taken, ...lost]).size], shown).to.deep.equal([count, count]);
          const told = notes[at]?.map((note) => Number(/^(\d+) spans? refused/.exec(note)?.[1] ?? 0)) ?? [];
          if (taken.length === 0) expect(results[at]?.kind, shown).to.equal('refused');
          else
            expect([results[at]?.kind, told.reduce((sum, n) => sum + n, 0)], shown).to.deep.equal([
              'delivered',
              lost.length,
            ]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('sends the same of a span at each attempt', async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (program) => {
        const { sent, traceIds } = await run(program);
        for (const traceId of traceIds) {
          const own = sent.flatMap(({ spans }) => spans).filter((span) => span.traceId === traceId);
          const labels = own.map(({ resource, attributes }) => {
            return [resource['deployment.environment.name'], attributes['session.id'], attributes['user.id']].join();
          });
          expect([...new Set(labels)]).to.have.length(1);
        }
      }),
      { numRuns: 300 },
    );
  });
});
