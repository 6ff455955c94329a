import type { ItemOutcome } from '../../domain/receipt';
import type { RelabelAnswer } from '../../labeling/labeling-service';
import { type LabelingCall, unconfirmed } from './labeling-call';

const foundGone = 'The label was found gone after a call whose answer was lost.';

/**
 * Returns the outcomes that the answer to a call proves. What a call finds gone after a call whose answer was
 * lost was relabeled by the lost call: nothing else of this attempt has sent these labels. A count between 0
 * and all then leaves no label in doubt, because either of the two calls relabeled it
 * (docs/decisions/004-a-smaller-count-leaves-the-whole-chunk-unconfirmed.md). A refusal proves nothing then.
 */
export function confirmedOutcomes(
  { items, lost }: Pick<LabelingCall, 'items' | 'lost'>,
  answer: RelabelAnswer,
): readonly ItemOutcome[] {
  if (answer.items.length !== items.length) return unconfirmed(items);
  if (!lost) return answer.items;
  const isPartialCount = isCountOfSome(answer);
  return answer.items.map((item) => {
    if (isPartialCount || item.outcome === 'already-gone')
      return { labelId: item.labelId, outcome: 'relabeled', reason: foundGone };
    return item.outcome === 'refused' ? afterLostCall(item) : item;
  });
}

/** The lost call may have relabeled the label before the service refused it. */
function afterLostCall({ labelId, reason = 'No reason was given.' }: ItemOutcome): ItemOutcome {
  return {
    labelId,
    outcome: 'unconfirmed',
    reason: `An earlier call with the label got no answer and may have relabeled it; the next one was refused: ${reason}`,
  };
}

/** The service counted some of the labels, but not all, and did not report which. */
function isCountOfSome({ reported, items }: RelabelAnswer): boolean {
  return (
    reported !== null &&
    reported > 0 &&
    reported < items.length &&
    items.every(({ outcome }) => outcome === 'unconfirmed')
  );
}
