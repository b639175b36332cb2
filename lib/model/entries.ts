/** Keys and values to be written as one JSON object, already read from their source. */
export class Entries {
  readonly keys: string[] = [];
  readonly values: unknown[] = [];
  add(key: string, value: unknown): this {
    this.keys.push(key);
    this.values.push(value);
    return this;
  }
}
