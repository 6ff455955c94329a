import { formatNumber } from '../text/format-number';
import { JsonScanner, type JsonType } from './json-scanner';

/**
 * Maximum weight of an element. JSON.parse creates up to 1.4 million objects from 4 MiB of `{},`. That needs
 * 0.5 GB and blocks the worker for half a second. With this limit, parsing needs 50 MB and less than 0.1 s.
 * An object, an array or a key weighs 4, any other value 1. A frame that has 7,000 labels with ten fields
 * each is below the limit.
 */
const maxWeight = 400_000;
const containerWeight = 4;
/** The heaviest JSON per byte is `[]`: weight 4 in two bytes. */
const maxWeightPerByte = 2;
/** The weight is checked after every step of this size, so that a heavy element is not scanned completely. */
const stepBytes = 64 * 1024;

/**
 * @returns whether an element has too many values to be parsed. Most elements are too small to need a scan.
 */
export function isTooHeavy(bytes: Uint8Array): boolean {
  if (bytes.length * maxWeightPerByte <= maxWeight) return false;
  let weight = 0;
  const scanner = new JsonScanner(
    {
      keyStart: () => void (weight += containerWeight),
      keyEnd: () => undefined,
      valueStart: (_depth: number, type: JsonType) =>
        void (weight += type === 'object' || type === 'array' ? containerWeight : 1),
      valueEnd: () => undefined,
    },
    Infinity,
  );
  for (let at = 0; at < bytes.length && weight <= maxWeight; at += stepBytes)
    scanner.push(bytes.subarray(at, at + stepBytes));
  return weight > maxWeight;
}

/** Replaces the value of an element that is too heavy to be parsed. */
export class TooHeavy {
  readonly why = `element: too many values (limit ${formatNumber(maxWeight)}; an object, array or key counts as ${containerWeight}): parsing them would block the worker`;

  /** @param texts the element's own keys whose values are strings, by key. */
  constructor(readonly texts: Readonly<Record<string, string>> = {}) {}
}
