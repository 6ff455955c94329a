import { folderOf } from '../facts';
import type { Invariant } from './invariant';

/**
 * In ms. An attempt looks for the report just before its call. Relaxed for a worker that was frozen or had a slow disk
 * between the two: docs/decisions/018-a-receipt-is-created-once-and-joined-once.md.
 */
const gapMs = 200;

export const nothingIsSentAfterTheReport: Invariant = {
  name: 'nothing-is-sent-after-the-report',
  promise: 'An export that has its report (rejected, cancelled, expired, superseded or sent) begins no call.',
  watch: (facts, fail) => ({
    onCall({ key, at, delayedUntil }) {
      const { disk } = facts.world;
      const made = facts.plans.get(key.split('/')[0] ?? '')?.at(-1);
      if (!made) return; // another invariant says so
      const report = `${folderOf(made.key)}report.json`;
      const writtenAt = facts.writtenAt.get(report) ?? Infinity;
      if (!disk.files.has(report) || disk.damaged.has(report) || at < writtenAt + gapMs) return;
      if (at < Math.max(delayedUntil, disk.hangsUntil) + gapMs) return;
      fail(`The call ${key} was made ${at - writtenAt} ms after ${report} was written.`);
    },
  }),
};
