import type { ItemOutcome } from '../../domain/receipt';
import { formatNumber } from '../../text/format-number';
import { pluralize } from '../../text/pluralize';
import { LabelingError } from '../labeling-error';
import type { Item, RelabelAnswer } from '../labeling-service';
import { findEvidence, type Evidence } from './answer-evidence';

/**
 * Reads the outcome of each label from the `data` of a reply. Only a confirmation confirms: a count, a list of
 * ids that were sent, or an explicit `true`. Every other answer leaves the labels unconfirmed
 * (docs/decisions/004-a-smaller-count-leaves-the-whole-chunk-unconfirmed.md).
 * @throws {LabelingError} `project-unknown` when the project is null.
 */
export function readOutcomes(items: readonly Item[], data: object): RelabelAnswer {
  if ('project' in data && data.project === null) {
    throw new LabelingError('project-unknown', 'The labeling service does not know the project.');
  }
  const evidence = findEvidence(data);
  const listed = items.filter(({ labelId }) => evidence.ids.has(labelId)).length;
  if (listed > 0 && !evidence.hasFalse) return listedOutcomes(items, evidence.ids, listed);
  const { reported, outcome } = sharedOutcome(evidence, items.length);
  return { reported, items: items.map(({ labelId }): ItemOutcome => ({ labelId, ...outcome })) };
}

function listedOutcomes(items: readonly Item[], ids: ReadonlySet<string>, listed: number): RelabelAnswer {
  const reason = `The labeling service lists ${formatNumber(listed)} of ${pluralize(items.length, 'label')} as done, and not this one.`;
  return {
    reported: listed,
    items: items.map(({ labelId }): ItemOutcome =>
      ids.has(labelId) ? { labelId, outcome: 'relabeled' } : { labelId, outcome: 'unconfirmed', reason },
    ),
  };
}

interface SharedOutcome {
  /** Null also when the answer has a count that other fields contradict. */
  readonly reported: number | null;
  readonly outcome: Omit<ItemOutcome, 'labelId'>;
}

function sharedOutcome(evidence: Evidence, sent: number): SharedOutcome {
  const { counts, hasTrue, hasFalse, hasTrouble, hasEmptyList } = evidence;
  const [count] = counts;
  if (hasFalse || hasTrouble)
    return unconfirmed('The answer of the labeling service reports a failure or an impossible count.');
  if (counts.size > 1 || (hasEmptyList && (hasTrue || (count ?? 0) > 0)))
    return unconfirmed('The answer of the labeling service contradicts itself.');
  if (count !== undefined) return countedOutcome(count, sent);
  if (hasTrue) return { reported: null, outcome: { outcome: 'relabeled' } };
  return unconfirmed('The labeling service answered without a confirmation.');
}

function countedOutcome(count: number, sent: number): SharedOutcome {
  if (count === sent) return { reported: count, outcome: { outcome: 'relabeled' } };
  if (count === 0) return { reported: count, outcome: { outcome: 'already-gone' } };
  const reason =
    count < sent
      ? `The labeling service accepted ${formatNumber(count)} of ${pluralize(sent, 'label')} and does not report which.`
      : `The labeling service counts ${pluralize(count, 'label')} for a call with ${formatNumber(sent)}.`;
  return { reported: count, outcome: { outcome: 'unconfirmed', reason } };
}

function unconfirmed(reason: string): SharedOutcome {
  return { reported: null, outcome: { outcome: 'unconfirmed', reason } };
}
