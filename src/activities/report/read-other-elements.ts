import type { LeftOut, Plan } from '../../domain/plan';
import { OtherElements, type NamingElement } from './other-elements';
import { stopIfCancelled } from '../heartbeating';

/** Reads the readable `same-label` lines of `left-out.ndjson`. */
export async function readOtherElements(
  lines: AsyncIterable<string>,
  { labels, leftOut }: Pick<Plan, 'labels' | 'leftOut'>,
): Promise<OtherElements> {
  const others = new OtherElements(labels, leftOut['same-label'] ?? 0);
  for await (const line of lines) {
    stopIfCancelled();
    const row = line.includes('"reason":"same-label"') ? parseSameLabel(line) : undefined;
    if (row && row.position <= labels) others.add(row.position - 1, row);
  }
  return others;
}

function parseSameLabel(line: string): (NamingElement & { readonly position: number }) | undefined {
  try {
    const { reason, element, elementId, position = 0 } = JSON.parse(line) as LeftOut;
    const isValid =
      reason === 'same-label' &&
      isUint32(element) &&
      typeof elementId === 'string' &&
      isUint32(position) &&
      position > 0;
    return isValid ? { element, elementId, position } : undefined;
  } catch {
    return undefined;
  }
}

function isUint32(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}
