/** How many calls are made at a time. */
const atOnce = 8;

/**
 * Runs `work` for each item, a few at a time, and returns the results in order. After an error it starts no more, waits for the
 * running ones, and throws the error of the first item that failed.
 */
export async function eachOf<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T, at: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const faults: { readonly at: number; readonly error: unknown }[] = [];
  const running = new Set<Promise<void>>();
  let at = 0;
  for await (const item of items) {
    if (faults.length > 0) break;
    const place = at;
    at += 1;
    const one: Promise<void> = work(item, place).then(
      (result) => {
        results[place] = result;
        running.delete(one);
      },
      (error: unknown) => {
        faults.push({ at: place, error });
        running.delete(one);
      },
    );
    running.add(one);
    if (running.size >= atOnce) await Promise.race(running);
  }
  await Promise.all(running);
  const [first] = faults.toSorted((one, other) => one.at - other.at);
  if (first !== undefined) throw first.error;
  return results;
}
