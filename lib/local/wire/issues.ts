/** One thing wrong with a request. */
export interface Issue {
  /** The place, such as `spans -> 3 -> name`; empty for the whole body. */
  readonly field: string;
  readonly message: string;
}

/** The faults of a request, in the backend's words. */
export class Issues {
  readonly list: Issue[] = [];

  add(place: string, key: string | number, message: string): void {
    this.list.push({ field: joined(place, key), message });
  }
}

/** `spans -> 3` and `name` make `spans -> 3 -> name`. */
export function joined(place: string, key: string | number): string {
  if (place === '') return String(key);
  return key === '' ? place : `${place} -> ${key}`;
}
