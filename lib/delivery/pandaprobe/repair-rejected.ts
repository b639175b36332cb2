import { maxLabelChars, maxNameChars } from '../../model/limits.js';
import { isObject, type JsonObject, parse } from '../text/json.js';
import type { Complaint } from './classify-response.js';

/** A repaired body. `notes`: what was cut or removed. */
export interface Repaired {
  readonly body: string;
  readonly notes: readonly string[];
}

/** Longest values of fields, in code points. A value is cut to as many UTF-16 units, which are at most as many code points. */
const longest: Readonly<Record<string, number>> = {
  name: maxNameChars,
  model: maxLabelChars,
  session_id: maxLabelChars,
  user_id: maxLabelChars,
  environment: maxLabelChars,
  release: maxLabelChars,
};
/** Fields that must not be removed: the backend requires them, or the tree needs them. */
const vital = new Set(['trace_id', 'span_id', 'name', 'started_at', 'spans', 'value', 'data_type']);

/**
 * Repairs the fields that a 422 complains about.
 * @param round - number of repairs of this body so far. 0: cuts a value, or drops a part of it. 1: drops the whole field. 2 and more:
 * drops the whole span
 * @returns undefined if nothing can be repaired: the complaint is about the item as a whole, or about a field it does not have
 */
export function repairRejected(body: string, found: readonly Complaint[], round: number): Repaired | undefined {
  const value = parse(body);
  const notes: string[] = [];
  const dropped = new Set<unknown>();
  for (const { field } of found) {
    const path = field.split('->').map((step) => step.trim());
    if (path[0] === 'body') path.shift();
    const target = locate(value, path);
    if (target === undefined) continue;
    const note = repair(target, round);
    if (note === 'drop') dropped.add(target.owner);
    if (note !== undefined) notes.push(`${path.join('.')} ${note === 'drop' ? '(its span was dropped)' : note}`);
  }
  if (notes.length === 0) return undefined;
  if (dropped.size > 0) {
    if (dropped.has(value)) return undefined;
    const kept = (span: unknown) => !dropped.has(span);
    if (Array.isArray(value)) return { body: textOf(value.filter(kept)), notes };
    if (isObject(value) && Array.isArray(value.spans)) value.spans = value.spans.filter(kept);
  }
  return { body: textOf(value), notes };
}

/** The JSON text, without the holes that `repair` leaves in lists. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (Array.isArray(each) ? each.filter(() => true) : each));
}

/** Fields that make the tree. Source: backend-contract.md, *Trace*, *Span*. */
const bones = ['name', 'status', 'started_at', 'ended_at'];
const traceBones = new Set([...bones, 'trace_id', 'session_id', 'user_id', 'spans']);
const spanBones = new Set([...bones, 'span_id', 'parent_span_id', 'kind']);

/**
 * The last resort, when a 422 names nothing that can be repaired: removes all values of a trace or list of spans, and keeps the tree.
 * @returns undefined if nothing is left to remove
 */
export function strip(body: string): Repaired | undefined {
  const value = parse(body);
  const isTrace = isObject(value);
  const spans: unknown = isTrace ? value.spans : value;
  const owners: [JsonObject, ReadonlySet<string>][] = isTrace ? [[value, traceBones]] : [];
  if (Array.isArray(spans)) for (const span of spans) if (isObject(span)) owners.push([span, spanBones]);
  let dropped = 0;
  for (const [owner, kept] of owners) {
    for (const field of Object.keys(owner)) {
      if (kept.has(field)) continue;
      delete owner[field];
      dropped += 1;
    }
  }
  if (dropped === 0) return undefined;
  return {
    body: JSON.stringify(value),
    notes: [`all values dropped, ${dropped} fields: which of them it refuses was not said`],
  };
}

interface FaultyField {
  /** The trace, span or score that has the field. */
  readonly owner: JsonObject;
  readonly field: string;
  /** The path below the field. */
  readonly below: readonly string[];
}

function locate(value: unknown, path: readonly string[]): FaultyField | undefined {
  let owner: unknown = value;
  let at = 0;
  if (isObject(owner) && path[0] === 'spans' && Array.isArray(owner.spans) && path.length > 1) {
    owner = owner.spans[Number(path[1])];
    at = 2;
  } else if (Array.isArray(owner)) {
    owner = owner[Number(path[0])];
    at = 1;
  }
  if (!isObject(owner)) return undefined;
  const field = path[at];
  if (field === undefined || !(field in owner || vital.has(field))) return undefined;
  return { owner, field, below: path.slice(at + 1) };
}

/** Changes the owner. @returns what was done; `drop` if the owner itself must be dropped */
function repair({ owner, field, below }: FaultyField, round: number): string | undefined {
  const value = owner[field];
  if (round >= 2) return 'drop';
  const most = longest[field];
  if (round === 0 && most !== undefined && typeof value === 'string' && value.length > most) {
    owner[field] = value.slice(0, most).replace(/[\ud800-\udbff]$/, '');
    return `cut to ${most} characters`;
  }
  if (field === 'name') {
    owner.name = 'unnamed';
    return 'replaced by "unnamed"';
  }
  if (field === 'started_at' && typeof owner.ended_at === 'string' && round === 0) {
    owner.started_at = owner.ended_at;
    return 'replaced by ended_at';
  }
  if (vital.has(field)) return 'drop';
  const key = below[0];
  if (round === 0 && key !== undefined) {
    if (Array.isArray(value)) {
      delete value[Number(key)]; // a hole, because other complaints count the entries as they were sent
      return 'dropped';
    }
    if (isObject(value) && key in value) {
      delete value[key];
      return 'dropped';
    }
  }
  delete owner[field];
  return 'dropped';
}
