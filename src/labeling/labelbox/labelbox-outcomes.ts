import type { ItemOutcome } from '../../domain/receipt';
import { formatNumber } from '../../text/format-number';
import { pluralize } from '../../text/pluralize';
import { LabelingError } from '../labeling-error';
import type { Item, RelabelAnswer } from '../labeling-service';

/**
 * Reads the outcome of each label from the `data` of a reply. The service returns at most a count. A count of
 * all labels confirms each of them, and so does a result without a count. A count of 0 means that every label
 * was already gone. For any count in between, every label is unconfirmed.
 * @throws {LabelingError} `project-unknown` when the project is null.
 */
export function readOutcomes(items: readonly Item[], data: object): RelabelAnswer {
  if ('project' in data && data.project === null) {
    throw new LabelingError('project-unknown', 'The labeling service does not know the project.');
  }
  const reported = findCount(data) ?? null;
  const outcome =
    reported === null && !holdsResult(data) ? nothingConfirmed : sharedOutcome(reported, items.length);
  return { reported, items: items.map(({ labelId }): ItemOutcome => ({ labelId, ...outcome })) };
}

function sharedOutcome(reported: number | null, sent: number): Omit<ItemOutcome, 'labelId'> {
  if (reported === null || reported >= sent) return { outcome: 'relabeled' };
  if (reported === 0) return { outcome: 'already-gone' };
  return {
    outcome: 'unconfirmed',
    reason: `The labeling service accepted ${formatNumber(reported)} of ${pluralize(sent, 'label')} and does not report which.`,
  };
}

const nothingConfirmed = {
  outcome: 'unconfirmed',
  reason: 'The labeling service answered without a result.',
} as const;

/** Whether the mutation returned a result. A result may lack a count, but null or an empty `data` is none. */
function holdsResult(data: object, levels = 16): boolean {
  if (levels === 0) return true;
  const values = Object.values(data) as unknown[];
  return values.some(
    (value) =>
      typeof value === 'object' && value !== null && (isLeaf(value) || holdsResult(value, levels - 1)),
  );
}

/** An object whose values are neither objects nor null: the result of a mutation. */
function isLeaf(value: object): boolean {
  return Object.values(value).every((inner) => typeof inner !== 'object');
}

/**
 * Finds the first whole number named `count`, wherever a configured mutation puts it.
 * @param levels maximum depth, because a reply must not overflow the stack.
 */
function findCount(value: object, levels = 16): number | undefined {
  const { count } = value as { count?: unknown };
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0) return count;
  if (levels === 0) return undefined;
  for (const inner of Object.values(value) as unknown[]) {
    const found = typeof inner === 'object' && inner !== null ? findCount(inner, levels - 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
