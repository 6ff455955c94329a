import { pluralize } from './pluralize';

/** `from`: the minimum count for the one-unit styles. It keeps 90 minutes from becoming 1 hour. */
const units = [
  { name: 'day', short: 'd', suffix: 'd', ms: 86_400_000, from: 2 },
  { name: 'hour', short: 'h', suffix: 'h', ms: 3_600_000, from: 2 },
  { name: 'minute', short: 'min', suffix: 'm', ms: 60_000, from: 1 },
  { name: 'second', short: 's', suffix: 's', ms: 1000, from: 0 },
] as const;

/**
 * Formats a duration for people, rounded down.
 * - `exact`: the largest unit and the next smaller one: `2 days 12 hours`.
 * - `coarse`: one unit: `90 minutes`, `3 hours`.
 * - `short`: one abbreviated unit, for tables: `90 min`, `3 h`.
 * - `seconds`: seconds, not rounded, for time limits: `90 s`, `0.5 s`.
 */
export function formatDuration(ms: number, style: 'exact' | 'coarse' | 'short' | 'seconds'): string {
  if (style === 'seconds') return `${ms / 1000} s`;
  const duration = Math.max(0, Math.floor(ms));
  if (style === 'exact') return formatExactly(duration);
  const unit = units.find(({ ms: unitMs, from }) => duration >= unitMs * from) ?? units[3];
  const count = Math.floor(duration / unit.ms);
  return style === 'coarse' ? pluralize(count, unit.name) : `${count} ${unit.short}`;
}

/**
 * @param text e.g. `30s`, `24h` or `7d`.
 * @returns the duration in ms; undefined when `text` is not a duration.
 */
export function parseDuration(text: string): number | undefined {
  const [, count, suffix] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  if (count === undefined) return undefined;
  return Number(count) * (units.find((unit) => unit.suffix === suffix)?.ms ?? 1);
}

function formatExactly(duration: number): string {
  const largest = units.findIndex(({ ms }) => duration >= ms);
  const unit = units[largest];
  if (!unit) return pluralize(0, 'second');
  const next = units[largest + 1];
  const rest = next ? Math.floor((duration % unit.ms) / next.ms) : 0;
  return `${pluralize(Math.floor(duration / unit.ms), unit.name)}${next && rest > 0 ? ` ${pluralize(rest, next.name)}` : ''}`;
}
