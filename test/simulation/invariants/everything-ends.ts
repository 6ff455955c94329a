import type { Invariant } from './invariant';

/** Relaxed for inbox entries that were damaged: they wait until an operator restores or removes them. */
export const everythingEnds: Invariant = {
  name: 'everything-ends',
  promise: 'Once everything is repaired and people answer, the inbox is empty and no run is open.',
  watch: (facts, fail) => ({
    atEnd() {
      const { disk, temporal } = facts.world;
      const inbox = disk.list('inbox/').filter((name) => !disk.damaged.has(`inbox/${name}`));
      if (inbox.length > 0) fail(`${inbox.length} requests are still in the inbox: ${inbox.join(', ')}.`);
      const open = temporal.openRuns().map(({ workflowId }) => workflowId);
      if (open.length > 0) fail(`${open.length} runs are still open: ${open.join(', ')}.`);
    },
  }),
};
