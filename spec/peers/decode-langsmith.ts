import { count, type Json, jsonOf, object, type PeerSpan, text } from './arrived.js';

/*
 * LangSmith is sent a run when it starts and what was added when it ends, as parts of multipart bodies: `post.<id>` and
 * `patch.<id>` hold a run, `post.<id>.outputs` and the like one field of it.
 */

/** The runs of all bodies, put together: what came at the end counts, also where it came first. */
export class Runs {
  readonly #runs = new Map<
    string,
    { readonly post: Record<string, unknown>; readonly patch: Record<string, unknown> }
  >();

  add(type: string, body: Buffer): void {
    for (const { id, when, field, value } of parts(type, body)) {
      const run = this.#runs.get(id) ?? { post: {}, patch: {} };
      this.#runs.set(id, run);
      Object.assign(run[when], field === undefined ? value : { [field]: value });
    }
  }

  get spans(): readonly PeerSpan[] {
    return [...this.#runs].map(([id, { post, patch }]) => spanOf(id, { ...post, ...patch }));
  }
}

function* parts(type: string, body: Buffer) {
  const mark = /boundary="?([^";]+)/.exec(type)?.[1];
  if (mark === undefined) throw new Error(`expected parts, got ${type}`);
  for (const part of body.toString('utf8').split(`--${mark}`)) {
    const at = part.indexOf('\r\n\r\n');
    const [, when, id, field] = /name="(post|patch)\.([^".]+)(?:\.([^"]+))?"/.exec(part.slice(0, at)) ?? [];
    if (id === undefined) continue;
    yield { id, when: when as 'post' | 'patch', field, value: JSON.parse(part.slice(at + 4)) as object };
  }
}

function spanOf(id: string, run: Json): PeerSpan {
  const usage = usageOf(run);
  return {
    id,
    trace: String(run.trace_id),
    parent: text(run.parent_run_id),
    name: String(run.name),
    kind: run.run_type === 'llm' ? 'LLM' : run.run_type === 'tool' ? 'TOOL' : 'other',
    start: new Date(run.start_time as string | number).getTime(),
    hasEnded: run.end_time !== undefined && run.end_time !== null,
    error: text(run.error),
    prompt: count(usage.input_tokens),
    completion: count(usage.output_tokens),
    output: jsonOf(run.outputs),
  };
}

/** Where its own backend looks for tokens: at the outputs, at the metadata, and at LangChain's message. */
function usageOf(run: Json): Json {
  const outputs = object(run.outputs);
  const generation = object((outputs.generations as unknown[][] | undefined)?.[0]?.[0]);
  const places = [
    outputs.usage_metadata,
    object(object(run.extra).metadata).usage_metadata,
    object(object(generation.message).kwargs).usage_metadata,
  ];
  return object(places.find((place) => place !== undefined && place !== null));
}
