import { isId } from '../common/ids.js';
import type { Log } from '../common/log.js';
import type { Capture } from './capture-values.js';
import { ScoreDataType } from './kinds.js';
import { maxNameChars } from './limits.js';
import { objectJson } from './object-json.js';
import type { ScoreRecord } from './records.js';
import { limitText } from './text.js';

/** What a score may carry beside its value. */
export interface ScoreOptions {
  /** @defaultValue NUMERIC for numbers and number texts, BOOLEAN for booleans, else CATEGORICAL */
  readonly dataType?: ScoreDataType | undefined;
  /** Why, in words. */
  readonly reason?: string | null | undefined;
  /** An object of your own. */
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
}

/** A score as a record, or undefined, with a warning, when the backend would refuse it. */
export function scoreRecord(
  traceId: string,
  name: string,
  value: string | number | boolean,
  options: ScoreOptions | undefined,
  capture: Capture,
  log: Log,
): ScoreRecord | undefined {
  const refuse = (what: string): undefined => {
    log.warn(`score ${what}`, `a score is left out: expected ${what}`);
    return undefined;
  };
  if (!isId(traceId)) return refuse('the UUID of a trace');
  if (typeof name !== 'string' || name === '') return refuse('a name');
  const text = plainText(value);
  if (text === undefined) return refuse('a value that is a string, number or boolean');
  const dataType = options?.dataType ?? typeOf(value);
  if (typeof dataType !== 'string' || !Object.hasOwn(ScoreDataType, dataType))
    return refuse('the data type NUMERIC, BOOLEAN or CATEGORICAL');
  if (!fits(text, dataType)) return refuse(`a ${dataType} value`);
  const cleanName = limitText(capture.text(name, 'name', ''), maxNameChars);
  if (cleanName === '') return refuse('a name');
  const reason = plainText(options?.reason);
  return {
    traceId,
    name: cleanName,
    value: dataType === 'CATEGORICAL' ? capture.text(text, 'value', '') : text.trim(),
    dataType,
    reason: reason === undefined ? undefined : capture.text(reason, 'reason', ''),
    metadata: objectJson(capture.value(options?.metadata ?? undefined, 'metadata', '')),
  };
}

function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** Texts default to NUMERIC on the backend; a text that is no number can only be meant as a category. */
function typeOf(value: unknown): ScoreDataType {
  if (typeof value === 'boolean') return 'BOOLEAN';
  return typeof value === 'number' || isNumber(String(value)) ? 'NUMERIC' : 'CATEGORICAL';
}

/** Source: the backend answers 422 to a value that does not fit its data type. */
function fits(text: string, dataType: ScoreDataType): boolean {
  if (dataType === 'NUMERIC') return isNumber(text);
  return dataType === 'BOOLEAN' ? text === 'true' || text === 'false' : text !== '';
}

function isNumber(text: string): boolean {
  // Python's float() reads it on the other side, which knows no 0x10.
  return (
    text.length <= 100 && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) && Number.isFinite(Number(text))
  );
}
