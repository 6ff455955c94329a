import { defined } from '../../collections/defined';
import type { AttemptRef } from '../../domain/attempt-ref';
import type { DecisionEntry } from '../../domain/decision-log';
import { type Plan, problemReasons } from '../../domain/plan';
import { type LabelCounts, noLabels, problemLabels } from '../../domain/label-outcome';
import type { Outcome } from '../../domain/stage';
import { readAppliedDecisions } from '../../payloads/applied-decisions';
import { removeInboxEntry } from '../../payloads/inbox-entry';
import { planKey, reportKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { addRequests } from './add-requests';
import { listAttempts, nextAttempt } from '../../payloads/attempts';
import { ChangedFile } from '../../payloads/changed-file';
import type { WriteReportInput, WrittenReport } from '../contracts';
import { toActivityFailure } from '../failures';
import type { Semaphore } from '../../collections/semaphore';
import { whileHeartbeating } from '../heartbeating';
import { readPlan } from '../../payloads/plan-file';
import { readLeftOut } from './read-left-out';
import { writeReportFiles } from './write-report-files';
import { readReportHead, type ReportHead } from '../../payloads/report-head';
import { openReportedLabels, type ReportedLabel } from './reported-labels';
import { type Stop, withDecisions } from './with-decisions';

/** What ends a request with a report of its own. */
type Ending = Exclude<WriteReportInput, { kind: 'duplicates' }>;

/**
 * Ends requests: writes the report from what the store knows (plan, receipts, sent-marks), then removes the
 * inbox entries. Repeating it is safe; a report that answers a request already is not written again, whatever
 * outcome is given.
 */
export function createWriteReport({
  store,
  semaphore,
}: {
  store: PayloadStore;
  /** Bounds how many whole exports are read at once. */
  semaphore: Semaphore;
}): (input: WriteReportInput) => Promise<WrittenReport> {
  return (input) =>
    whileHeartbeating(
      () => ({ report: input.kind }),
      () => toActivityFailure('writing the report', () => semaphore.run(() => writeReport(store, input))),
    );
}

async function writeReport(store: PayloadStore, input: WriteReportInput): Promise<WrittenReport> {
  const requestIds =
    input.kind === 'duplicates' ? input.requestIds : [input.request.requestId, ...input.also];
  const head =
    input.kind === 'duplicates'
      ? await addDuplicates(store, input.ref, requestIds)
      : await end(store, input, requestIds);
  for (const requestId of requestIds) await removeInboxEntry(store, requestId); // only now: the report is durable
  return { outcome: head.outcome, labels: head.counts };
}

/** A report that is missing is no report of ours any more: tried again until a person has brought it back. */
async function addDuplicates(
  store: PayloadStore,
  ref: AttemptRef,
  requestIds: readonly string[],
): Promise<ReportHead> {
  const head = await readReportHead(store, ref);
  if (!head) throw new PayloadNotFound(reportKey(ref));
  await addRequests(store, ref, head, requestIds);
  return head;
}

async function end(store: PayloadStore, input: Ending, requestIds: readonly string[]): Promise<ReportHead> {
  const { ref, known } = await findAttempt(store, input);
  if (known) {
    await addRequests(store, ref, known, requestIds);
    return known;
  }
  return writeNew(store, ref, input, requestIds);
}

/**
 * The attempt that reports a request: the one that does already, the one whose plan is its own, or a new one.
 */
async function findAttempt(
  store: PayloadStore,
  input: Ending,
): Promise<{ ref: AttemptRef; known?: ReportHead }> {
  const { issueId, revision, requestId } = input.request;
  const attempts = await listAttempts(store, issueId, revision);
  const reported = attempts.find(({ report }) => report?.requests.includes(requestId));
  if (reported?.report) return { ref: reported.ref, known: reported.report };
  const planned = attempts.find(({ plan, report }) => plan?.requestId === requestId && !report);
  if (planned) return { ref: planned.ref };
  const isFree =
    input.kind === 'ended' &&
    !attempts.some(({ ref, plan, report }) => ref.attempt === input.ref.attempt && (plan ?? report));
  return { ref: isFree ? input.ref : { issueId, revision, attempt: nextAttempt(attempts) } };
}

async function writeNew(
  store: PayloadStore,
  ref: AttemptRef,
  input: Ending,
  requestIds: readonly string[],
): Promise<ReportHead> {
  const { plan, fault } = await readPlanOrFault(store, ref);
  if (!plan) {
    const head = reportHead(ref, input, requestIds, undefined, noLabels, fault === undefined ? [] : [fault]);
    await writeReportFiles(store, ref, { head, labels: none<ReportedLabel>(), leftOut: none() });
    return head;
  }
  const reported = await openReportedLabels(store, ref, plan);
  const faults = reported.changed.map(({ message }) => `${message} What can be read of it is listed.`);
  const policy = input.kind === 'ended' && input.policyApproval ? [input.policyApproval] : [];
  const decisions = [...policy, ...(await readAppliedDecisions(store, ref))];
  const head = { ...reportHead(ref, input, requestIds, plan, await reported.counts(), faults), decisions };
  const labels = withDecisions(reported.labels(), decisions, describeStop(input, decisions, head.endedAt));
  await writeReportFiles(store, ref, { head, labels, leftOut: readLeftOut(store, ref) });
  return head;
}

/**
 * Why what is withheld was not sent, since when, and who said so; nothing when the export went to its end.
 */
function describeStop(
  { outcome, reason }: Ending,
  decisions: readonly DecisionEntry[],
  endedAt: string,
): Stop | undefined {
  if (outcome === 'completed') return undefined;
  const rejection = outcome === 'rejected' ? decisions.findLast(({ kind }) => kind === 'reject') : undefined;
  return {
    at: rejection?.at ?? endedAt,
    ...defined({ reason, decision: rejection === undefined ? undefined : rejection.who }),
  };
}

/**
 * The plan, if there is one; one that cannot be read is said in the report: a request must be able to end.
 */
async function readPlanOrFault(
  store: PayloadStore,
  ref: AttemptRef,
): Promise<{ plan?: Plan; fault?: string }> {
  try {
    return { plan: await readPlan(store, ref) };
  } catch (error) {
    if (error instanceof PayloadNotFound) return {};
    if (error instanceof ChangedFile)
      return {
        fault: `${error.message} Its labels are not listed; what was sent stands in the receipts beside ${planKey(ref)}.`,
      };
    throw error;
  }
}

function reportHead(
  ref: AttemptRef,
  input: Ending,
  requests: readonly string[],
  plan: Plan | undefined,
  counts: LabelCounts,
  faults: readonly string[],
): ReportHead {
  const { request } = input;
  const reason = [input.reason, ...faults].filter((text) => text !== undefined).join(' ');
  return {
    requests,
    version: 1,
    issueId: request.issueId,
    issueName: plan?.issueName ?? request.issueName,
    project: plan?.project ?? request.project,
    sha256: request.sha256,
    revision: ref.revision,
    attempt: ref.attempt,
    requestId: request.requestId,
    receivedAt: request.receivedAt,
    endedAt: new Date().toISOString(),
    outcome: finalOutcome(input.outcome, plan, counts, faults.length > 0),
    ...(reason === '' ? {} : { reason }),
    ...defined({
      destination: plan ? plan.destination : undefined,
      destinationProject: plan ? plan.destinationProject : undefined,
    }),
    counts,
    leftOutCounts: plan?.leftOut ?? {},
    decisions: [],
    log: input.log,
  };
}

/** "Sent to the end" is `completed` only when every label and every element came through. */
function finalOutcome(
  outcome: Outcome,
  plan: Plan | undefined,
  counts: LabelCounts,
  hasProblem: boolean,
): Outcome {
  if (outcome !== 'completed') return outcome;
  const leftOutProblem = [...problemReasons].some((reason) => (plan?.leftOut[reason] ?? 0) > 0);
  const labelProblem = problemLabels(counts) + counts.withheld > 0;
  return hasProblem || leftOutProblem || labelProblem ? 'completed-with-problems' : 'completed';
}

async function* none<T = never>(): AsyncGenerator<T> {}
