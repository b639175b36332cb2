import { anyValue } from '../wire/any-value.js';
import type { AnyValue, KeyValue } from '../wire/otlp.js';

/** The attributes of a span. Undefined values are left out. */
export class AttributeList {
  readonly attributes: KeyValue[] = [];

  add(key: string, value: AnyValue): void {
    this.attributes.push({ key, value });
  }

  text(key: string, text: string | undefined): void {
    if (text !== undefined && text !== '') this.add(key, { stringValue: text });
  }

  texts(key: string, texts: readonly string[] | undefined): void {
    if (texts !== undefined && texts.length > 0) this.add(key, anyValue(texts));
  }

  any(key: string, value: unknown): void {
    if (value !== undefined && value !== null) this.add(key, anyValue(value));
  }

  /** Adds a value as JSON text, because an attribute cannot be an object. */
  json(key: string, value: unknown): void {
    if (value !== undefined && value !== null) this.add(key, { stringValue: JSON.stringify(value) });
  }

  flag(key: string): void {
    this.add(key, { boolValue: true });
  }
}
