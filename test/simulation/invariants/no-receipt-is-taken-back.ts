import { folderOf } from '../facts';
import type { Invariant } from './invariant';

/** Relaxed for a receipt that was damaged. */
export const noReceiptIsTakenBack: Invariant = {
  name: 'no-receipt-is-taken-back',
  promise:
    'An attempt that ends late takes back nothing that a receipt says, and changes none once the report is written.',
  watch: (facts, fail) => ({
    onWrite(key, bytes) {
      const { earlier, files, damaged } = facts.world.disk;
      const before = earlier.get(key);
      if (!receiptName.test(key) || !before || damaged.has(key)) return;
      const reportKey = `${folderOf(folderOf(key).slice(0, -1))}report.json`;
      if (files.has(reportKey) && !before.equals(bytes))
        return fail(`${key} was replaced after its report was written.`);
      const loss = findLoss(readReceipt(before), readReceipt(bytes));
      if (loss !== undefined) fail(`${key} no longer says that ${loss}.`);
    },
  }),
};

const receiptName = /\/receipts\/\d+-\d+\.json$/;

interface StoredReceipt {
  readonly repeated: boolean;
  readonly items: readonly { readonly labelId: string; readonly outcome: string }[];
}

/** The strongest first. */
const strength = ['relabeled', 'already-gone', 'refused', 'unconfirmed'];

function findLoss(before: StoredReceipt, after: StoredReceipt): string | undefined {
  if (before.repeated && !after.repeated) return 'its labels were sent twice';
  const isWeaker = (outcome: string, later = '') => strength.indexOf(outcome) < strength.indexOf(later);
  const weaker = before.items.find(({ outcome }, at) => isWeaker(outcome, after.items[at]?.outcome));
  return weaker && `label ${weaker.labelId} was ${weaker.outcome}`;
}

function readReceipt(bytes: Buffer): StoredReceipt {
  return JSON.parse(bytes.toString('utf8')) as StoredReceipt;
}
