import type { Plant } from './plant';

/** The sent-mark is written after the call: a worker that dies in between leaves no trace of it. */
const sentMarkAfterTheCall: Plant = {
  name: 'sent-mark-after-the-call',
  changes: [
    {
      file: 'src/activities/send/relabel-chunk.ts',
      before: `  await takeMark(deps.store, call);
  await stopUnlessOwner(deps.store, call); // last before the call: another attempt may have begun meanwhile
`,
      after: '',
    },
    {
      file: 'src/activities/send/relabel-chunk.ts',
      before: `    );
  } catch (error) {`,
      after: `    );
    await takeMark(deps.store, call);
  } catch (error) {`,
    },
  ],
  expects: /was relabeled \d+ times, and the report does not say so/,
};

/** A call looks only for its own range's receipt and sent-mark, not for those of earlier calls that overlap it. */
const noLookBack: Plant = {
  name: 'no-look-back',
  changes: [
    {
      file: 'src/activities/send/relabel-chunk.ts',
      before: `const mayOverlap = input.mayOverlap || input.lookBack || activityInfo().attempt > 1;`,
      after: `const mayOverlap = false;`,
    },
    {
      file: 'src/activities/send/relabel-chunk.ts',
      before: `if (input.lookBack) await checkReceipts(deps.store, input, files);`,
      after: ``,
    },
  ],
  expects: /was relabeled \d+ times, and the report does not say so/,
};

/** A request leaves the inbox before its report is written: if its run is lost in between, nothing is left of it. */
const entryRemovedBeforeTheReport: Plant = {
  name: 'entry-removed-before-the-report',
  changes: [
    {
      file: 'src/activities/report/write-report.ts',
      before: `  const head =
    input.kind === 'duplicates'`,
      after: `  for (const requestId of requestIds) await removeInboxEntry(store, requestId);
  const head =
    input.kind === 'duplicates'`,
    },
  ],
  expects: /was accepted and has no report/,
};

/**
 * A file's folder is never synced, so a power loss forgets new and removed names. The folder store itself does not
 * run here; the simulated disk keeps its promise, and breaks it for this plant.
 */
const folderNotSynced: Plant = {
  name: 'folder-not-synced',
  changes: [
    {
      file: 'test/simulation/disk.ts',
      before: `syncsFolders = true;`,
      after: `syncsFolders = false;`,
    },
  ],
  expects: /was accepted and has no report|was relabeled \d+ times, and the report does not say so/,
};

/** An approval of some labels approves the whole plan. */
const upToIgnored: Plant = {
  name: 'up-to-ignored',
  changes: [
    {
      file: 'src/workflows/steps/approval.ts',
      before: `labels : (decision.upTo ?? labels);`,
      after: `labels : labels;`,
    },
  ],
  expects: /were sent without an approval/,
};

/** The attempt that ends last replaces the receipt of the other one, instead of joining the two. */
const zombieReceiptReplaces: Plant = {
  name: 'zombie-receipt-replaces',
  changes: [
    {
      file: 'src/activities/send/record-outcomes.ts',
      before: `  const isCreated = await createReceipt(store, ref, receipt);`,
      after: `  const isCreated = (await createReceipt(store, ref, receipt)) || true;
  await writeReceipt(store, ref, receipt);`,
    },
  ],
  expects: /no longer says that|was replaced after its report/,
};

/** A pause stops the export only at its next question, not between two calls. */
const pauseIgnoredBetweenCalls: Plant = {
  name: 'pause-ignored-between-calls',
  changes: [
    {
      file: 'src/workflows/steps/send-window.ts',
      before: `return state.cancelled || state.pause !== undefined || isFull;`,
      after: `return state.cancelled || isFull;`,
    },
  ],
  expects: /began a call although it had heard a pause/,
};

/** A decision that is heard after the question's deadline counts if it comes before the timer fires. */
const deadlineAfterSignal: Plant = {
  name: 'deadline-after-signal',
  changes: [
    {
      file: 'src/workflows/decide/decide.ts',
      before: `  if (asking && !isInTime && isPastDeadline(run.state, asking)) return describeDeadline(asking, current);
`,
      after: ``,
    },
  ],
  expects: /after the deadline of its question, and it was applied/,
};

/** Labels count as already relabeled although they were relabeled in another project. */
const dedupeAcrossProjects: Plant = {
  name: 'dedupe-across-projects',
  changes: [
    {
      file: 'src/activities/plan/find-already-relabeled.ts',
      before: `    (about.destinationProject ?? target.destinationProject) === target.destinationProject &&
`,
      after: ``,
    },
  ],
  expects: /as already relabeled, and \w+ has not relabeled it/,
};

/** A cancel ends the requests in the queue too. */
const cancelDropsTheQueue: Plant = {
  name: 'cancel-drops-the-queue',
  changes: [
    {
      file: 'src/workflows/steps/report-ending.ts',
      before: `  const { request, also, plan, cursor, policyApproval } = current;
`,
      after: `  const { request, plan, cursor, policyApproval } = current;
  const queued = run.state.cancelled ? run.state.queue.map((other) => other.request.requestId) : [];
  const also = [...current.also, ...queued];
  if (run.state.cancelled) run.state.queue = [];
`,
    },
  ],
  expects: /is reported as cancelled in .*, which is about another body/,
};

/** The faults that the simulation must find within 2,000 seeds each. */
export const plants: readonly Plant[] = [
  sentMarkAfterTheCall,
  noLookBack,
  entryRemovedBeforeTheReport,
  folderNotSynced,
  upToIgnored,
  zombieReceiptReplaces,
  pauseIgnoredBetweenCalls,
  deadlineAfterSignal,
  dedupeAcrossProjects,
  cancelDropsTheQueue,
];
