/**
 * Maps items in order, and works on at most `ahead` items concurrently, the next ones included. `work` must not
 * reject.
 */
export async function* readAhead<T, R>(
  items: Iterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const working: Promise<R>[] = [];
  for (const item of items) {
    working.push(work(item));
    if (working.length >= ahead) yield await working.shift()!;
  }
  for (const result of working) yield await result;
}
