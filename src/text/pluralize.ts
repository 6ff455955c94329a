import { formatNumber } from './format-number';

/** `1 label`, `1,200 labels`. */
export function pluralize(count: number, singular: string): string {
  return `${formatNumber(count)} ${singular}${count === 1 ? '' : 's'}`;
}
