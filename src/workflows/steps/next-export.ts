import type { PreparedPlan } from '../../activities/contracts';
import { needsApproval } from '../../domain/route';
import { newerThan, type Queued, without } from '../../domain/queue';
import { cancelledReason } from '../decide/cancelled-reason';
import type { CurrentExport } from '../state/carried';
import { prepare, refreshQueued, unreadablePlan } from './prepare';
import { reportDuplicate, reportFailed, reportUnsent, supersedeOlder } from './report-ending';
import { noOutcomes } from '../../domain/label-outcome';
import type { Run } from '../state/run';
import { keywordPair, labelCountPair } from '../state/search-attribute-pairs';

/** Takes the next request that needs an export; answers false when none is left, or the run was cancelled. */
export async function nextExport(run: Run): Promise<boolean> {
  while (!run.current && run.queue.length > 0 && !run.cancelled) {
    await takeOne(run);
    if (!run.current && run.queue.length > 0 && !run.cancelled && run.mustContinueAsNew)
      await run.continueAsNew();
  }
  return run.current !== undefined;
}

async function takeOne(run: Run): Promise<void> {
  const chosen = choose(run);
  if (!chosen) return;
  const firstLook = run.fresh;
  run.fresh = false;
  show(run, chosen);
  const prepared = await prepare(run, chosen);
  const queued = refreshQueued(run, chosen);
  if (prepared === 'cancelled') {
    return reportUnsent(run, queued, 'cancelled', await cancelledReason(run, 'before its plan was made'));
  }
  if (prepared.kind === 'duplicate') return reportDuplicate(run, queued, prepared);
  if (prepared.kind === 'failed') return reportFailed(run, queued, prepared);
  if (prepared.kind !== 'plan') return reportUnsent(run, queued, 'failed', unreadablePlan);
  if (firstLook && prepared.touchedUpTo === 0 && newerThan(run.queue, queued.request).length > 0)
    return markPlanned(run, queued, prepared);
  await begin(run, queued, prepared);
}

/**
 * Of the oldest request's project the newest: it supersedes the others. But a fresh run looks at the oldest first: after a lost
 * database that one may have sent labels already, and then nothing supersedes it.
 */
function choose(run: Run): Queued | undefined {
  const [oldest] = run.queue;
  if (!oldest || run.fresh) return oldest;
  return newerThan(run.queue, oldest.request)[0] ?? oldest;
}

/** Makes a planned request the current export; older ones of its project are superseded by it. */
export async function begin(run: Run, queued: Queued, plan: PreparedPlan): Promise<void> {
  run.queue = without(run.queue, queued);
  run.taken = undefined;
  run.current = toCurrentExport(queued, plan);
  run.last = run.current;
  run.shown = queued.request;
  run.setStage('preparing', [
    keywordPair('AquariumIssueName', queued.request.issueName),
    keywordPair('AquariumProject', queued.request.project),
    keywordPair('ExportDestination', plan.destination),
    labelCountPair('ExportLabels', plan.labels),
    labelCountPair('ExportLabelsDone', 0),
  ]);
  run.doneIsShown();
  await supersedeOlder(run, queued.request);
}

/** Remembers that a plan of this request exists, so that it is made again when its turn comes. */
export function markPlanned(run: Run, queued: Queued, plan: PreparedPlan): void {
  run.queue = run.queue.map((other) =>
    other.request.requestId === queued.request.requestId
      ? { ...other, plannedAttempt: plan.ref.attempt }
      : other,
  );
}

function show(run: Run, queued: Queued): void {
  run.taken = queued.request;
  run.shown = queued.request;
  run.setStage('preparing', [
    keywordPair('AquariumIssueName', queued.request.issueName),
    keywordPair('AquariumProject', queued.request.project),
  ]);
}

/** Goes on behind what an earlier run did; that was let go then. */
function toCurrentExport(queued: Queued, plan: PreparedPlan): CurrentExport {
  const { upTo, chunks, counts } = plan.finished ?? { upTo: 0, chunks: 0, counts: noOutcomes };
  return {
    request: queued.request,
    also: queued.also,
    plan,
    cursor: { next: upTo, returned: [], chunkLabels: plan.chunkLabels, done: chunks },
    counts,
    approvedUpTo: needsApproval(plan) ? upTo : plan.labels,
    ...(needsApproval(plan)
      ? {}
      : { policyApproval: { upTo: plan.labels, who: 'policy', at: new Date().toISOString() } }),
  };
}
