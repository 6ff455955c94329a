import { labelOutcomes } from './label-outcome';
import type { ItemOutcome, Receipt } from './receipt';

/**
 * Joins the receipts of two calls for the same range into one: it is `repeated`, and each label has the
 * stronger of its two outcomes. `labelOutcomes` lists the strongest outcome first.
 */
export function joinReceipts(a: Receipt, b: Receipt): Receipt {
  return {
    ...a,
    repeated: true,
    sentAt: a.sentAt < b.sentAt ? a.sentAt : b.sentAt,
    answeredAt: a.answeredAt > b.answeredAt ? a.answeredAt : b.answeredAt,
    reported:
      a.reported === null || b.reported === null
        ? (a.reported ?? b.reported)
        : Math.max(a.reported, b.reported),
    items: a.items.map((item, at) => strongerItem(item, b.items[at])),
  };
}

function strongerItem(a: ItemOutcome, b: ItemOutcome | undefined): ItemOutcome {
  return b && labelOutcomes.indexOf(b.outcome) < labelOutcomes.indexOf(a.outcome) ? b : a;
}
