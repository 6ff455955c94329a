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
  foundBy: ['no-label-is-sent-twice-in-silence'],
};

/** A call looks only for its own range's receipt and sent-mark, not for those of earlier calls that overlap it. */
const noLookBack: Plant = {
  name: 'no-look-back',
  changes: [
    {
      file: 'src/activities/send/relabel-chunk.ts',
      before: `return mayOverlap ? receiptFiles(store, input.ref) : receiptFilesForRange(store, input.ref, input);`,
      after: `void mayOverlap;\n  return receiptFilesForRange(store, input.ref, input);`,
    },
    {
      file: 'src/activities/send/relabel-chunk.ts',
      before: `if (input.lookBack) await checkReceipts(deps.store, input, files);`,
      after: ``,
    },
  ],
  foundBy: ['no-label-is-sent-twice-in-silence'],
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
  foundBy: ['nothing-accepted-is-lost'],
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
  foundBy: ['nothing-accepted-is-lost', 'no-label-is-sent-twice-in-silence'],
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
  foundBy: ['an-approval-counts-once', 'nothing-unapproved-is-sent'],
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
  foundBy: ['no-receipt-is-taken-back'],
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
  foundBy: ['a-paused-export-begins-no-call'],
};

/** The hash of a plan's labels is checked when a worker first reads them, and not again when it sends them. */
const hashCheckedOnce: Plant = {
  name: 'hash-checked-once',
  changes: [
    {
      file: 'src/payloads/checked-file.ts',
      before: `    if (!hashOf(block).equals(this.blockHashes.subarray(at, at + hashBytes)))`,
      after: `    if (at < 0)`,
    },
  ],
  foundBy: ['nothing-unapproved-is-sent'],
};

/** A receipt in the future is clamped, but a request that is heard after it does not become the newer one. */
const clampWithoutOrder: Plant = {
  name: 'clamp-without-order',
  changes: [
    {
      file: 'src/workflows/accept-request.ts',
      before: `  moveClamped(run, heard.request);`,
      after: ``,
    },
  ],
  foundBy: ['the-newest-request-wins'],
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
  foundBy: ['a-late-decision-decides-nothing'],
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
  foundBy: ['only-relabeled-labels-are-left-out'],
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
  foundBy: ['a-report-answers-its-own-revision'],
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
  hashCheckedOnce,
  clampWithoutOrder,
  deadlineAfterSignal,
  dedupeAcrossProjects,
  cancelDropsTheQueue,
];
