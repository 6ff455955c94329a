import type { ItemOutcome } from '../../domain/receipt';
import { LabelingError } from '../labeling-error';
import type { Item, RelabelAnswer } from '../labeling-service';

/**
 * What the `data` of a reply says about each label. The service gives a count and no names: all, none, or, in
 * between, nothing about any single label.
 *
 * @throws {LabelingError} `project-unknown` when the project is null.
 */
export function readOutcomes(items: readonly Item[], data: object): RelabelAnswer {
  if ('project' in data && data.project === null) {
    throw new LabelingError('project-unknown', 'The labeling service does not know the project.');
  }
  const reported = countIn(data) ?? null;
  const outcome =
    reported === null && !holdsResult(data) ? nothingConfirmed : outcomeForAll(reported, items.length);
  return { reported, items: items.map(({ labelId }): ItemOutcome => ({ labelId, ...outcome })) };
}

function outcomeForAll(reported: number | null, sent: number): Omit<ItemOutcome, 'labelId'> {
  if (reported === null || reported >= sent) return { outcome: 'relabeled' };
  if (reported === 0) return { outcome: 'already-gone' };
  return {
    outcome: 'unconfirmed',
    reason: `The service took ${reported} of ${sent} labels and does not say which.`,
  };
}

const nothingConfirmed = {
  outcome: 'unconfirmed',
  reason: 'The service answered without a result.',
} as const;

/**
 * Whether the mutation's field holds anything: a count may be absent, but null or nothing at all confirms no
 * label.
 */
function holdsResult(data: object, levels = 16): boolean {
  if (levels === 0) return true;
  const values = Object.values(data) as unknown[];
  return values.some(
    (value) =>
      typeof value === 'object' && value !== null && (isLeaf(value) || holdsResult(value, levels - 1)),
  );
}

/** An object without objects below it, nor null instead of them: what a mutation answers. */
function isLeaf(value: object): boolean {
  return Object.values(value).every((inner) => typeof inner !== 'object');
}

/**
 * The first whole number called `count`, wherever a configured mutation puts it; not deeper than `levels`: a
 * reply must not fill the stack.
 */
function countIn(value: object, levels = 16): number | undefined {
  const { count } = value as { count?: unknown };
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0) return count;
  if (levels === 0) return undefined;
  for (const inner of Object.values(value) as unknown[]) {
    const found = typeof inner === 'object' && inner !== null ? countIn(inner, levels - 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
