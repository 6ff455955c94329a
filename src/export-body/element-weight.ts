import { JsonScanner, type JsonType } from './json-scanner';

/**
 * What an element may weigh. Within 4 MiB, JSON.parse makes up to 1.4 million objects of nothing but `{},`: 0.5 GB and half a second in
 * which a worker does nothing else. With this it is 50 MB and below 0.1 s. An object, a list or a key weighs 4, any other value 1:
 * a frame of 7,000 labels with ten fields each is lighter.
 */
const maxWeight = 400_000;
const heavy = 4;
/** No JSON weighs more than this a byte: that of `[]` is 4 for two. */
const mostAByte = 2;
/** Bytes that are weighed at once. */
const step = 64 * 1024;

/** Whether an element, which is known to be JSON, has too many values to be parsed. Most are too small for it and not looked at. */
export function isTooHeavy(bytes: Uint8Array): boolean {
  if (bytes.length * mostAByte <= maxWeight) return false;
  let weight = 0;
  const scanner = new JsonScanner(
    {
      keyStart: () => void (weight += heavy),
      keyEnd: () => undefined,
      valueStart: (_depth: number, type: JsonType) =>
        void (weight += type === 'object' || type === 'array' ? heavy : 1),
      valueEnd: () => undefined,
    },
    Infinity,
  );
  for (let at = 0; at < bytes.length && weight <= maxWeight; at += step)
    scanner.push(bytes.subarray(at, at + step));
  return weight > maxWeight;
}

/** What stands for the value of an element that was not parsed, because it is too heavy. */
export class TooHeavy {
  readonly why = 'element: expected fewer values; with so many it would keep up the worker';
}
