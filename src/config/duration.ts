const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = /^(?<count>\d{1,9})(?<unit>ms|s|m|h|d)$/;

/** Milliseconds of a time such as `30s`, `24h` or `7d`; undefined when it is none. */
export function durationMs(text: string): number | undefined {
  const { count, unit } = pattern.exec(text)?.groups ?? {};
  return count === undefined || unit === undefined
    ? undefined
    : Number(count) * unitMs[unit as keyof typeof unitMs];
}
