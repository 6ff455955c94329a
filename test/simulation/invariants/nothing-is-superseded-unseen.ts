import { folderOf } from '../facts';
import type { Invariant } from './invariant';

/** Relaxed after a reset, and where receipts were damaged. */
export const nothingIsSupersededUnseen: Invariant = {
  name: 'nothing-is-superseded-unseen',
  promise: 'An export of which a label was sent is never superseded.',
  watch: (facts, fail) => ({
    atEnd() {
      if (facts.world.scenario.hasResets) return;
      for (const { key, outcome, requestId } of facts.readReports()) {
        if (outcome !== 'superseded' || facts.hasLostReceipts(folderOf(key))) continue;
        if (facts.callsOf(requestId).some(({ executed }) => executed.length > 0))
          fail(`${key} is superseded although labels of it were sent.`);
      }
    },
  }),
};
