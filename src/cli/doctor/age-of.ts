const units: readonly (readonly [ms: number, one: string, many: string])[] = [
  [86_400_000, 'day', 'days'],
  [3_600_000, 'hour', 'hours'],
  [60_000, 'minute', 'minutes'],
  [1000, 'second', 'seconds'],
];

/** Milliseconds for people, in the largest unit that fits: `3 hours`. */
export function formatAge(ms: number): string {
  for (const [size, one, many] of units) {
    const count = Math.floor(ms / size);
    if (count >= 1) return `${count} ${count === 1 ? one : many}`;
  }
  return 'less than a second';
}
