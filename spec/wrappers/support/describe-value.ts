const maxDepth = 12;

/** A value as plain data that shows all a program could tell apart: classes, own keys in order, hidden ones too. */
export function describeValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'function') return '[function]';
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null) return value === undefined ? '[undefined]' : value;
  if (depth > maxDepth) return '[deep]';
  if (value instanceof Response)
    return { class: 'Response', status: value.status, type: value.headers.get('content-type') };
  if (value instanceof Headers || value instanceof AbortController || value instanceof AbortSignal) {
    return value.constructor.name;
  }
  if (ArrayBuffer.isView(value))
    return {
      class: className(value),
      bytes: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)].slice(0, 64),
    };
  if (Array.isArray(value)) return value.map((item) => describeValue(item, depth + 1));
  const isError = value instanceof Error;
  if (isError) String(value.message); // some errors make theirs when it is first read, whoever reads it
  const entries = Object.getOwnPropertyNames(value)
    .filter((key) => !(isError && key === 'stack'))
    // The client itself, its agents and sockets tell nothing of the call.
    .filter(
      (key) =>
        !/^(?:_client|client|socket|totalRetryDelay|responsePromise|body|sdkHttpMetadata|sdkHttpResponse|request|response)$/.test(
          key,
        ) || depth === 0,
    )
    .map((key) => [key, describeValue(Reflect.get(value, key), depth + 1)]);
  return { class: className(value), ...Object.fromEntries(entries) };
}

function className(value: object): string {
  return value.constructor?.name ?? 'null';
}

/** How something ended, as plain data. */
export async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return { value: describeValue(await run()) };
  } catch (error) {
    return { error: describeValue(error) };
  }
}
