import { nowIso } from '../../clock/clock';
import { defined } from '../../collections/defined';
import type { Semaphore } from '../../collections/semaphore';
import type { AttemptRef } from '../../domain/attempt-ref';
import { approvedPositions, type DecisionEntry } from '../../domain/decision-log';
import { type LabelCounts, noLabels, problemLabels } from '../../domain/label-outcome';
import { type Plan, problemReasons } from '../../domain/plan';
import { subtractRanges } from '../../domain/ranges';
import type { Range } from '../../domain/receipt';
import type { ExportRequest } from '../../domain/request';
import type { Outcome } from '../../domain/stage';
import { readAppliedDecisions } from '../../payloads/applied-decisions';
import { addReportRequests } from '../../payloads/add-report-requests';
import { listAttempts, nextAttempt } from '../../payloads/attempts';
import { ChangedFile } from '../../payloads/changed-file';
import { describePositions } from '../../payloads/describe-positions';
import { removeInboxEntry } from '../../payloads/inbox-entry';
import { appliedDecisionsFolder, planKey, reportName } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { planHash, readPlan } from '../../payloads/plan-file';
import { recordReportName } from '../../payloads/report-names';
import type { ReportHead } from '../../payloads/report-head';
import type { KnownPlan, WriteReportInput, WrittenReport } from '../contracts';
import { toActivityFailure } from '../failures';
import { whileHeartbeating } from '../heartbeating';
import { openReportedLabels, type ReportedLabel, type ReportedPlan } from './reported-labels';
import { type Stop, withDecisions } from './with-decisions';
import { writeReportFiles } from './write-report-files';

/** The end of a request that needs a report of its own. */
type EndingInput = Exclude<WriteReportInput, { kind: 'duplicates' }>;

/**
 * Ends requests: writes the report from plan, receipts and sent-marks, then removes the inbox entries.
 * Idempotent: a report that already answers a request is kept, even when a retry brings another outcome.
 */
export function createWriteReport({
  store,
  semaphore,
}: {
  store: PayloadStore;
  /** Bounds how many entire exports are read concurrently. */
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
      ? await addReportRequests(store, input.ref, requestIds) // a missing report is retried until an operator has restored it
      : await writeEnding(store, input, requestIds);
  await recordReportName(store, reportName(head));
  // last: now the report is durable
  for (const requestId of requestIds) await removeInboxEntry(store, requestId);
  return { outcome: head.outcome, labels: head.counts };
}

async function writeEnding(
  store: PayloadStore,
  input: EndingInput,
  requestIds: readonly string[],
): Promise<ReportHead> {
  const { ref, existing } = await findAttempt(store, input);
  if (!existing) {
    const head = await writeNewReport(store, ref, input, requestIds);
    return head ?? writeEnding(store, input, requestIds); // finds the report that was written meanwhile
  }
  return addReportRequests(store, ref, requestIds);
}

/**
 * Finds the attempt that reports the request: the attempt whose report contains its id, otherwise the attempt
 * with its plan, otherwise a free attempt number.
 */
async function findAttempt(
  store: PayloadStore,
  input: EndingInput,
): Promise<{ ref: AttemptRef; existing?: ReportHead }> {
  const { issueId, revision, requestId } = input.request;
  const attempts = await listAttempts(store, issueId, revision);
  const reported = attempts.find(({ report }) => report?.requests.includes(requestId));
  if (reported?.report) return { ref: reported.ref, existing: reported.report };
  const planned = attempts.find(({ plan, report }) => plan?.requestId === requestId && !report);
  if (planned) return { ref: planned.ref };
  const isFree =
    input.kind === 'ended' &&
    !attempts.some(({ ref, plan, report }) => ref.attempt === input.ref.attempt && (plan ?? report));
  return { ref: isFree ? input.ref : { issueId, revision, attempt: nextAttempt(attempts) } };
}

/** @returns undefined when the attempt got a report meanwhile. */
async function writeNewReport(
  store: PayloadStore,
  ref: AttemptRef,
  input: EndingInput,
  requestIds: readonly string[],
): Promise<ReportHead | undefined> {
  const known = input.kind === 'ended' ? input.known : undefined;
  const { plan, fault } = await readPlanOrFault(store, ref, known);
  const source = plan ?? (known && toSource(input.request, known));
  return source
    ? writePlanReport(store, ref, input, requestIds, { source, answered: known?.answered ?? [], fault })
    : writeEmptyReport(store, ref, input, requestIds, fault);
}

/** What a report says about its plan. */
type PlanSource = ReportedPlan &
  Pick<Plan, 'issueName' | 'project' | 'destination'> &
  Partial<Pick<Plan, 'destinationProject' | 'summary'>>;

/** The plan's file is gone or was changed; the workflow knows what it had. */
function toSource({ issueName, project }: ExportRequest, known: KnownPlan): PlanSource {
  const { labels, leftOut, digits, destination } = known;
  return { issueName, project, destination, labels, leftOut, labelsSha256: digits, leftOutSha256: '' };
}

async function writePlanReport(
  store: PayloadStore,
  ref: AttemptRef,
  input: EndingInput,
  requestIds: readonly string[],
  { source, answered, fault }: { source: PlanSource; answered: readonly Range[]; fault: string | undefined },
): Promise<ReportHead | undefined> {
  const reported = await openReportedLabels(store, ref, source, answered);
  const faults = reported.changed.map(
    ({ message }) => `${message} The report lists the lines that can still be read.`,
  );
  const policy = input.kind === 'ended' && input.policyApproval ? [input.policyApproval] : [];
  const decisions = [...policy, ...(await readAppliedDecisions(store, ref))];
  const { counts, receipts, receiptsSha256, lost: lostReceipts, sent } = await reported.count();
  const isOfThisVersion = input.kind === 'ended' && input.known !== undefined;
  const lost = isOfThisVersion ? findLostDecision(ref, input, decisions, sent) : undefined;
  const allFaults = [fault, ...faults, lost?.message].filter((sentence) => sentence !== undefined);
  const head = {
    ...createHead(ref, input, requestIds, source, counts, allFaults),
    decisions,
    receipts,
    receiptsSha256,
    ...defined({ lostReceipts: lostReceipts.length > 0 ? lostReceipts : undefined }),
  };
  const labels = withDecisions(reported.labels(), decisions, findStop(input, decisions, head.endedAt));
  const isWritten = await writeReportFiles(store, ref, { head, labels, leftOut: reported.leftOut() });
  return isWritten ? head : undefined;
}

/** Every label that was sent was approved, and every rejection was recorded. */
function findLostDecision(
  ref: AttemptRef,
  { outcome }: EndingInput,
  decisions: readonly DecisionEntry[],
  sent: readonly Range[],
): ChangedFile | undefined {
  const approved = approvedPositions(decisions);
  const unapproved = subtractRanges(sent, approved);
  if (unapproved.length > 0)
    return new ChangedFile(
      ref,
      appliedDecisionsFolder(ref),
      `lacks the record that approved ${describePositions(unapproved)} that were sent`,
    );
  return outcome === 'rejected' && decisions.every(({ kind }) => kind !== 'reject')
    ? new ChangedFile(ref, appliedDecisionsFolder(ref), 'has no record of the rejection')
    : undefined;
}

async function writeEmptyReport(
  store: PayloadStore,
  ref: AttemptRef,
  input: EndingInput,
  requestIds: readonly string[],
  fault: string | undefined,
): Promise<ReportHead | undefined> {
  const head = createHead(ref, input, requestIds, undefined, noLabels, fault === undefined ? [] : [fault]);
  const isWritten = await writeReportFiles(store, ref, {
    head,
    labels: none<ReportedLabel>(),
    leftOut: none(),
  });
  return isWritten ? head : undefined;
}

/** Why withheld labels were not sent; undefined when the export sent its plan to the end. */
function findStop(
  { outcome, reason }: EndingInput,
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
 * A plan that cannot be read becomes a fault in the report rather than an error: the request must be able to
 * end.
 * @param known undefined when the workflow knows of no plan, or is of an earlier version.
 */
async function readPlanOrFault(
  store: PayloadStore,
  ref: AttemptRef,
  known: KnownPlan | undefined,
): Promise<{ plan?: Plan; fault?: string }> {
  try {
    const plan = await readPlan(store, ref);
    const isKnown = known?.planSha256 === undefined || planHash(plan) === known.planSha256;
    return isKnown ? { plan } : { fault: describeFault(new ChangedFile(ref, planKey(ref), isAnother)) };
  } catch (error) {
    if (error instanceof PayloadNotFound)
      return known ? { fault: describeFault(ChangedFile.missing(ref, planKey(ref))) } : {};
    if (!(error instanceof ChangedFile)) throw error;
    return {
      fault: known
        ? describeFault(error)
        : `${error.message} The report cannot list its labels; the receipts beside ${planKey(ref)} show what was sent.`,
    };
  }
}

const isAnother = 'is another plan than the one that the workflow carried out';

function describeFault({ message }: ChangedFile): string {
  return `${message} The report lists what labels.ndjson and the receipts say.`;
}

function createHead(
  ref: AttemptRef,
  input: EndingInput,
  requests: readonly string[],
  plan: PlanSource | undefined,
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
    endedAt: nowIso(),
    outcome: finalOutcome(input.outcome, plan, counts, faults.length > 0),
    ...defined({
      reason: reason === '' ? undefined : reason,
      again: request.again,
      destination: plan ? plan.destination : undefined,
      destinationProject: plan ? plan.destinationProject : undefined,
    }),
    counts,
    ...defined({ chunks: input.kind === 'ended' ? input.chunks : undefined }),
    leftOutCounts: plan?.leftOut ?? {},
    ...defined({ warnings: plan?.summary?.warnings }),
    decisions: [],
    log: input.log,
  };
}

/**
 * An export that was sent to the end is `completed` only if it has no faults, no problem labels, no withheld
 * labels and no problem elements.
 */
function finalOutcome(
  outcome: Outcome,
  plan: PlanSource | undefined,
  counts: LabelCounts,
  hasFault: boolean,
): Outcome {
  if (outcome !== 'completed') return outcome;
  const hasProblemElements = [...problemReasons].some((reason) => (plan?.leftOut[reason] ?? 0) > 0);
  const hasProblemLabels = problemLabels(counts) + counts.withheld > 0;
  return hasFault || hasProblemElements || hasProblemLabels ? 'completed-with-problems' : 'completed';
}

async function* none<T = never>(): AsyncGenerator<T> {}
