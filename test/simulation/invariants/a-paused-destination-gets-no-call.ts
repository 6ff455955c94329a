import type { Invariant } from './invariant';

const pauseKey = 'destinations/labelbox/paused.json';
/** In ms. A file is on the disk this long after it was written. */
const syncedAfterMs = 10;

export const aPausedDestinationGetsNoCall: Invariant = {
  name: 'a-paused-destination-gets-no-call',
  promise: 'An attempt that begins after the pause of a destination is on the disk makes no call to it.',
  watch: (facts, fail) => ({
    onCall({ key, attemptScheduledAt }) {
      const { disk } = facts.world;
      const pausedAt = facts.writtenAt.get(pauseKey);
      if (pausedAt === undefined || !disk.files.has(pauseKey) || disk.damaged.has(pauseKey)) return;
      if (attemptScheduledAt > pausedAt + syncedAfterMs)
        fail(`An attempt began the call ${key} although the destination was paused before it began.`);
    },
  }),
};
