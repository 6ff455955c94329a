import { grouped } from './format-number';

/** `1 label`, `1,200 labels`. */
export function counted(count: number, one: string): string {
  return `${grouped(count)} ${one}${count === 1 ? '' : 's'}`;
}
