import { countPositions, mergeRanges } from '../domain/ranges';
import type { Range } from '../domain/receipt';
import { pluralize } from '../text/pluralize';

/** Maximum ranges in one sentence. */
const maxRanges = 5;

/** @returns for example `7 labels (1-5, 9-10)`: positions count from 1. */
export function describePositions(ranges: readonly Range[]): string {
  const merged = mergeRanges(ranges);
  const named = merged.slice(0, maxRanges).map(({ from, to }) => `${from + 1}-${to}`);
  const more = merged.length - named.length;
  return `${pluralize(countPositions(merged), 'label')} (${named.join(', ')}${more > 0 ? ` and ${pluralize(more, 'more range')}` : ''})`;
}
