import { condition } from '@temporalio/workflow';
import type { PlanNeedsPerson, PreparedPlan } from '../../activities/contracts';
import { defined } from '../../collections/defined';
import { noOutcomes } from '../../domain/label-outcome';
import { newerThan, type Queued, without } from '../../domain/queue';
import { needsApproval } from '../../domain/route';
import { cancelledReason } from '../decide/cancelled-reason';
import type { CurrentExport } from '../state/carried';
import { currentExport, type IssueState } from '../state/issue-state';
import type { Run } from '../state/run';
import { keywordPair, labelCountPair } from '../state/search-attribute-pairs';
import { notifyUnplanned } from './notices';
import { prepare, refreshQueued } from './prepare';
import { reportNotPlanned, reportUnsent } from './report-queued';
import { supersedeOlder } from './supersede-older';

/** Takes requests until one needs an export. @returns false if none is left, or if the run was cancelled. */
export async function nextExport(run: Run): Promise<boolean> {
  while (mustTakeRequest(run.state)) {
    await takeRequest(run);
    if (mustTakeRequest(run.state) && run.mustContinueAsNew) await run.continueAsNew();
  }
  return currentExport(run.state) !== undefined;
}

/** Makes a planned request the current export and supersedes the older requests of its project. */
export async function begin(run: Run, queued: Queued, plan: PreparedPlan): Promise<void> {
  const { request } = queued;
  run.state.queue = without(run.state.queue, queued);
  run.state.work = { kind: 'exporting', export: toCurrentExport(queued, plan) };
  run.state.latestRequest = request;
  run.setStage('preparing', [
    keywordPair('AquariumIssueName', request.issueName),
    keywordPair('AquariumProject', request.project),
    keywordPair('ExportDestination', plan.destination),
    labelCountPair('ExportLabels', plan.labels),
  ]);
  await supersedeOlder(run);
}

/** Leaves a planned request in the queue; its plan is made again when its turn comes. */
export function markPlanned(run: Run, queued: Queued, plan: PreparedPlan): void {
  const { requestId } = queued.request;
  run.state.queue = run.state.queue.map((other) =>
    other.request.requestId === requestId ? { ...other, plannedAttempt: plan.ref.attempt } : other,
  );
}

/** Leaves a request in the queue until its turn comes. */
export function markUnplannable(run: Run, { request: { requestId } }: Queued): void {
  run.state.queue = run.state.queue.map((other) =>
    other.request.requestId === requestId ? { ...other, unplannable: true } : other,
  );
}

function mustTakeRequest(state: IssueState): boolean {
  return currentExport(state) === undefined && state.queue.length > 0 && !state.cancelled;
}

async function takeRequest(run: Run): Promise<void> {
  const chosen = chooseRequest(run.state);
  if (!chosen) return;
  const isFirst = !run.state.hasTakenRequest;
  run.state.hasTakenRequest = true;
  showRequest(run, chosen);
  const prepared = await prepare(run, chosen);
  const queued = refreshQueued(run, chosen);
  switch (prepared.kind) {
    case 'plan':
      if (isFirst && isSupersededUnsent(run.state, queued, prepared)) markPlanned(run, queued, prepared);
      else await begin(run, queued, prepared);
      return;
    case 'needs-person':
      await awaitRestored(run, queued, prepared);
      if (run.state.cancelled) return reportCancelled(run, refreshQueued(run, queued));
      return; // it is taken again
    case 'cancelled':
      return reportCancelled(run, queued);
    default:
      return reportNotPlanned(run, queued, prepared);
  }
}

async function reportCancelled(run: Run, queued: Queued): Promise<void> {
  const reason = await cancelledReason(run.state, 'before its plan was made');
  return reportUnsent(run, queued, { outcome: 'cancelled', reason });
}

/** Pauses until an operator resumes or cancels. The run may have to continue as new meanwhile. */
async function awaitRestored(run: Run, { request }: Queued, needed: PlanNeedsPerson): Promise<void> {
  const { state } = run;
  if (!state.pause) {
    run.startPause({ because: needed.because, by: 'service', since: Date.now() });
    run.addLogEntry(`Paused: ${needed.because}`);
    notifyUnplanned(run, request, { event: 'export.paused', stage: 'paused', ...needed });
  }
  run.setStage('paused');
  await condition(() => !state.pause || state.cancelled || run.mustContinueAsNew);
  if (state.pause && !state.cancelled) await run.continueAsNew();
}

/**
 * Chooses the newest request of the oldest request's project, because it supersedes the others. The very
 * first choice is the oldest request: its labels may have been sent before Temporal lost its database, and
 * then nothing supersedes it.
 */
function chooseRequest({ queue, hasTakenRequest }: IssueState): Queued | undefined {
  const [oldest] = queue;
  if (!oldest || !hasTakenRequest) return oldest;
  return newerThan(queue, oldest.request)[0] ?? oldest;
}

function isSupersededUnsent({ queue }: IssueState, { request }: Queued, plan: PreparedPlan): boolean {
  return plan.touchedUpTo === 0 && newerThan(queue, request).length > 0;
}

function showRequest(run: Run, { request }: Queued): void {
  run.state.work = { kind: 'preparing', request };
  run.state.latestRequest = request;
  run.setStage('preparing', [
    keywordPair('AquariumIssueName', request.issueName),
    keywordPair('AquariumProject', request.project),
  ]);
}

/** Begins after the labels with receipts from an earlier run, because those were already approved. */
function toCurrentExport({ request, also, clamped }: Queued, plan: PreparedPlan): CurrentExport {
  const { upTo, chunks, counts } = plan.finished ?? { upTo: 0, chunks: 0, counts: noOutcomes };
  const common = {
    request,
    also,
    ...defined({ clamped }),
    plan,
    cursor: { next: upTo, returned: [], chunkLabels: plan.chunkLabels, done: chunks },
    counts,
  };
  if (needsApproval(plan)) return { ...common, approvedUpTo: upTo };
  return {
    ...common,
    approvedUpTo: plan.labels,
    policyApproval: { upTo: plan.labels, who: 'policy', at: new Date().toISOString() },
  };
}
