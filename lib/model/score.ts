import { parseId } from '../common/ids.js';
import type { Log } from '../common/log.js';
import { ownOnly } from '../common/own.js';
import type { Capture } from './capture-values.js';
import { ScoreDataType } from './kinds.js';
import { maxLabelChars } from './limits.js';
import { objectJson } from './object-json.js';
import type { ScoreRecord } from './records.js';
import { limitText } from './text.js';

/** Optional fields of a score. */
export interface ScoreOptions {
  /** @defaultValue NUMERIC for numbers and number texts, BOOLEAN for booleans, else CATEGORICAL */
  readonly dataType?: ScoreDataType | undefined;
  /** The reason for the score, in words. */
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
  const refuse = (what: string, cause = what): undefined => {
    log.warn(`score ${cause}`, `a score is left out: expected ${what}`);
    return undefined;
  };
  const id = parseId(traceId);
  if (id === undefined) return refuse('the id of a trace: a UUID, or 32 hexadecimal digits');
  if (typeof name !== 'string' || name === '') return refuse('a name');
  const text = plainText(value);
  if (text === undefined) return refuse('a value that is a string, number or boolean');
  const own = ownOnly(options);
  const dataType = own.dataType ?? typeOf(value);
  if (typeof dataType !== 'string' || !Object.hasOwn(ScoreDataType, dataType))
    return refuse('the data type NUMERIC, BOOLEAN or CATEGORICAL');
  const given = wireValue(text, dataType);
  if (given === undefined) {
    const isNumeric = dataType === 'NUMERIC' && isNumber(text);
    return refuse(isNumeric ? `${numericRange}, got ${Number(text)}` : `a ${dataType} value`, `a ${dataType} value`);
  }
  const cut = (what: string, whole: string): string => {
    const short = limitText(whole, maxLabelChars);
    if (short !== whole)
      log.warn(`score ${what}`, `the ${what} of a score is longer than ${maxLabelChars} characters and cut`);
    return short;
  };
  const cleanName = cut('name', capture.text(name, 'name', {}));
  if (cleanName === '') return refuse('a name');
  const cleanValue = dataType === 'CATEGORICAL' ? cut('value', capture.text(given, 'value', {})) : given;
  if (cleanValue.trim() === '') return refuse('a CATEGORICAL value');
  const reason = plainText(own.reason);
  return {
    traceId: id,
    name: cleanName,
    value: cleanValue,
    dataType,
    reason: reason === undefined ? undefined : capture.text(reason, 'reason', {}),
    metadata: objectJson(capture.value(own.metadata ?? undefined, 'metadata', {})),
  };
}

/** Source: backend-contract.md, *Score values*. */
const numericRange =
  "a NUMERIC value from 0 to 1, which is all the platform takes (scale it, such as stars / 5, or send it with dataType: 'CATEGORICAL')";

function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The default data type. On the backend every text defaults to NUMERIC; but a text that is no number can only be a category. */
function typeOf(value: unknown): ScoreDataType {
  if (typeof value === 'boolean') return 'BOOLEAN';
  return typeof value === 'number' || isNumber(String(value)) ? 'NUMERIC' : 'CATEGORICAL';
}

/** The value as it is sent, or undefined. Source: backend-contract.md, *Score*. */
function wireValue(text: string, dataType: ScoreDataType): string | undefined {
  if (dataType === 'NUMERIC') return isNumber(text) ? decimal(Number(text)) : undefined;
  const fits = dataType === 'BOOLEAN' ? text === 'true' || text === 'false' : text.trim() !== '';
  return fits ? text : undefined;
}

/** Digits after the decimal point for numbers that would otherwise be written as `1e-7`. */
const digits = 20;

/**
 * A number from 0 to 1 without an exponent; undefined for any other. Source: backend-contract.md,
 * *Score values*.
 */
function decimal(number: number): string | undefined {
  if (!(number >= 0 && number <= 1)) return undefined;
  const text = String(number + 0); // no -0
  return text.includes('e') ? number.toFixed(digits).replace(/\.?0+$/, '') : text;
}

function isNumber(text: string): boolean {
  // The backend reads it with Python's float(), which does not accept 0x10.
  return (
    text.length <= 100 && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) && Number.isFinite(Number(text))
  );
}
