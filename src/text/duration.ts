import { pluralize } from './pluralize';

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `7 days`, `2 days 12 hours`, `2 minutes 30 seconds`: the largest unit that it fills and the next smaller one, never more than it is. */
export function timeInWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const largest = units.findIndex(([, size]) => seconds >= size);
  if (largest < 0) return pluralize(0, 'second');
  const [name, size] = units[largest]!;
  const [nextName, nextSize] = units[largest + 1] ?? ['second', 1];
  const rest = Math.floor((seconds % size) / nextSize);
  return `${pluralize(Math.floor(seconds / size), name)}${rest === 0 ? '' : ` ${pluralize(rest, nextName)}`}`;
}
