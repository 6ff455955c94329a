import { formatNumber } from './format-number';

/** `1 label`, `1,200 labels`. */
export function pluralize(count: number, one: string): string {
  return `${formatNumber(count)} ${one}${count === 1 ? '' : 's'}`;
}
