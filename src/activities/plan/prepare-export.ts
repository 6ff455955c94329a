import { nowIso } from '../../clock/clock';
import { defined } from '../../collections/defined';
import type { Semaphore } from '../../collections/semaphore';
import type { Config, Destination } from '../../config/config';
import type { AttemptRef } from '../../domain/attempt-ref';
import { type LeftOut, pickSelectionOptions, type Plan, planDigits } from '../../domain/plan';
import type { PlanSummary, PlanWarning } from '../../domain/plan-summary';
import type { ExportRequest } from '../../domain/request';
import { approvalDefaults, type Route, routeDefaults } from '../../domain/route';
import type { Envelope } from '../../export-body/envelope';
import {
  type Attempt,
  completedAttempt,
  isReported,
  listAttempts,
  nextAttempt,
  type ReportedAttempt,
} from '../../payloads/attempts';
import { ChangedFile } from '../../payloads/changed-file';
import { planKey } from '../../payloads/keys';
import { checkLossNote } from '../../payloads/loss-note';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { createPlanFile, planHash, readPlan } from '../../payloads/plan-file';
import { receiptFiles } from '../../payloads/receipts';
import { labelingTaskQueue } from '../../temporal/names';
import { cutName, cutToUnits, utf8Length } from '../../text/cut';
import { formatNumber } from '../../text/format-number';
import type {
  AskingPolicy,
  NoticeReceiver,
  PlanBrief,
  Prepared,
  PreparedPlan,
  PrepareExportInput,
} from '../contracts';
import { retryable, toActivityFailure } from '../failures';
import { whileHeartbeating } from '../heartbeating';
import {
  acceptLosses,
  type AlreadyRelabeled,
  findAlreadyRelabeled,
  type Target,
} from './find-already-relabeled';
import { findRoute } from './find-route';
import { LabelsSeen } from './labels-seen';
import { type PlanTotals, PlanWriter } from './plan-writer';
import { readDelivery, type ReadProgress } from './read-delivery';
import { readFinishedLabels } from './read-finished-labels';
import { Unplannable } from './unplannable';

export interface PrepareExportDeps {
  readonly config: Pick<Config, 'routes' | 'destinations' | 'notices'>;
  readonly store: PayloadStore;
  /** Called with each line that a new plan leaves out; `requeue plan` lists them. */
  readonly onLeftOut?: (line: LeftOut) => void;
}

interface PrepareExportActivityDeps extends PrepareExportDeps {
  /** Bounds how many entire exports are read concurrently. */
  readonly semaphore: Semaphore;
}

/** Maximum bytes of a name in the result, which enters the history. */
const resultNameBytes = 500;

/**
 * Reads a delivery and freezes its plan, or finds the plan or report that the request already has.
 * Idempotent: `plan.json` is written last, and an attempt without it doesn't count.
 */
export function createPrepareExport({
  semaphore,
  ...deps
}: PrepareExportActivityDeps): (input: PrepareExportInput) => Promise<Prepared> {
  return (input) => {
    const progress: ReadProgress = { bytes: 0, elements: 0 };
    return whileHeartbeating(
      () => ({ ...progress }),
      () =>
        toActivityFailure('preparing the export', () =>
          semaphore.run(() => prepareExport(deps, input, progress)),
        ),
    );
  };
}

/** Like the activity, but without its heartbeats, its semaphore and its conversion of store errors. */
export async function prepareExport(
  deps: PrepareExportDeps,
  { request, onlyLook = false }: PrepareExportInput,
  progress: ReadProgress,
): Promise<Prepared> {
  const attempts = await listAttempts(deps.store, request.issueId, request.revision);
  // a look is about the request's own attempt: its labels may have been sent although another report answers it
  const reported = onlyLook ? undefined : findReport(request, attempts);
  if (reported) return { kind: 'duplicate', ref: reported.ref, outcome: reported.report.outcome };
  const own = attempts.find(({ plan }) => plan?.requestId === request.requestId);
  const ref = own?.ref ?? newRef(request, attempts);
  try {
    const known = own?.plan && (await toPreparedPlan(deps, ref, own.plan));
    // a plan that sent nothing is made again: another export may have sent its labels since
    if (known && (onlyLook || known.touchedUpTo > 0)) return known;
    if (onlyLook) return { kind: 'nothing' };
    await checkReadable(deps.store, request, attempts);
    return await makePlan(deps, request, ref, own?.plan, progress);
  } catch (error) {
    const notices = noticeReceivers(deps.config);
    if (error instanceof Unplannable)
      return { kind: 'failed', ref, reason: error.message.slice(0, 300), notices };
    if (error instanceof ChangedFile)
      return { kind: 'needs-person', ref, because: describeWayOn(error), notices };
    throw error;
  }
}

/**
 * The attempt whose report answers the request: either the report that contains its id, or the newest report
 * with the same body if that export was completed. While an attempt is unreadable, only the former counts.
 */
function findReport(request: ExportRequest, attempts: readonly Attempt[]): ReportedAttempt | undefined {
  const naming = attempts
    .filter(isReported)
    .find(
      ({ plan, report }) =>
        report.requests.includes(request.requestId) || plan?.requestId === request.requestId,
    );
  if (naming) return naming;
  const { again } = request;
  const sameAgain =
    again &&
    attempts
      .filter(isReported)
      .findLast(
        ({ ref, plan, report }) =>
          report.again && ref.attempt > again.after && (plan?.force === true || !request.force),
      );
  if (sameAgain) return sameAgain; // another operator asked at the same time
  return request.force ? undefined : completedAttempt(attempts, request.sha256);
}

function newRef({ issueId, revision }: ExportRequest, attempts: readonly Attempt[]): AttemptRef {
  return { issueId, revision, attempt: nextAttempt(attempts) };
}

/**
 * An unreadable attempt may belong to this very request: a new plan could send all its labels twice. It does not if
 * it was there before an operator asked again for everything.
 */
async function checkReadable(
  store: PayloadStore,
  { requestId, force, again }: ExportRequest,
  attempts: readonly Attempt[],
): Promise<void> {
  const accepted = force && again ? again.after : 0;
  for (const attempt of attempts) {
    const { ref, plan, report, hasReceipts, changed } = attempt;
    const isPlanLost = !plan && !report && hasReceipts;
    const isAnothers = plan !== undefined && plan.requestId !== requestId;
    if (isAnothers || (!changed && !isPlanLost)) continue;
    if (ref.attempt <= accepted) continue;
    const note = await checkLossNote(store, attempt);
    if (!note) throw changed ?? ChangedFile.missing(ref, planKey(ref));
    if (note instanceof ChangedFile) throw note;
  }
}

const wayOn =
  'Nothing was sent. Restore it and resume, or cancel and ask again with "send all": that sends every label again.';

function describeWayOn({ message }: ChangedFile): string {
  return `${cutToUnits(message, 299 - wayOn.length)} ${wayOn}`;
}

async function makePlan(
  deps: PrepareExportDeps,
  request: ExportRequest,
  ref: AttemptRef,
  earlier: Plan | undefined,
  progress: ReadProgress,
): Promise<PreparedPlan> {
  const { store } = deps;
  const project = await readWholeProject(store, request);
  const route = requireRoute(deps.config, project);
  const destinationProject = route.destinationProject ?? project;
  const { labelsSeen, warnings } = await findLabelsSeen(store, request, { ...route, destinationProject });
  const write = async (writer: PlanWriter): Promise<PreparedPlan> => {
    const envelope = await readDelivery(store, request, (element) => writer.take(element), progress);
    checkProject(request, project, envelope);
    checkInvalid(route, writer);
    const made = createPlan(request, ref, route, destinationProject, envelope, await writer.finish());
    const plan = {
      ...made,
      summary: addWarnings(made.summary, warnings),
      ...defined({ replaced: earlier && listReplaced(earlier, made) }),
    };
    const stored = await findPlan(store, ref);
    const kept = stored && stored !== 'changed' && isSamePlan(stored, plan) ? stored : undefined;
    if (stored && stored !== 'changed' && !kept) stopIfMadeMeanwhile(stored, earlier);
    if (stored && !kept) await store.remove(planKey(ref)); // it must not stay beside the new files
    await writer.commit(ref);
    if (!kept) await putPlan(store, ref, plan);
    return toPreparedPlan(deps, ref, kept ?? plan);
  };
  return PlanWriter.use(store, route, labelsSeen, write, deps.onLeftOut);
}

/** @returns undefined when the attempt has no plan; `changed` when the plan was changed on disk. */
async function findPlan(store: PayloadStore, ref: AttemptRef): Promise<Plan | 'changed' | undefined> {
  try {
    return await readPlan(store, ref);
  } catch (error) {
    if (error instanceof PayloadNotFound) return undefined;
    if (error instanceof ChangedFile) return 'changed';
    throw error;
  }
}

/**
 * True if the plans differ only in the time at which they were made. The stored one then stays: an activity that Temporal
 * has given up may have written it, or a run that is gone, and an operator may have approved it since.
 */
function isSamePlan(stored: Plan, made: Plan): boolean {
  const { replaced: _, ...rest } = made;
  const { replaced, createdAt } = stored;
  return planHash({ ...rest, createdAt, ...defined({ replaced }) }) === planHash(stored);
}

/**
 * @param earlier the plan that was stored when this attempt began: only that one may be replaced.
 * @throws {ApplicationFailure} retryable, when another attempt has made another plan meanwhile.
 */
function stopIfMadeMeanwhile(stored: Plan, earlier: Plan | undefined): void {
  if (!earlier || planHash(stored) !== planHash(earlier)) throw anotherPlan();
}

/** Never replaces a plan: an attempt on a worker that was frozen may end long after another one was approved. */
async function putPlan(store: PayloadStore, ref: AttemptRef, plan: Plan): Promise<void> {
  if (await createPlanFile(store, ref, plan)) return;
  throw anotherPlan();
}

function anotherPlan(): Error {
  return retryable(
    'Another attempt has made the plan; this attempt stops. Temporal retries the newest attempt.',
    'AnotherAttempt',
  );
}

/** A forced plan leaves nothing out. When an operator asked for it, it also settles what is unknown. */
async function findLabelsSeen(
  store: PayloadStore,
  request: ExportRequest,
  target: Target,
): Promise<AlreadyRelabeled> {
  const { again, force } = request;
  if (!force) return findAlreadyRelabeled(store, request, target);
  const warnings = again ? await acceptLosses(store, { ...request, again }, target) : [];
  return { labelsSeen: new LabelsSeen(), warnings };
}

/**
 * The project's name determines how elements are read, but a request contains at most 200 bytes of it. If the
 * name may be truncated, it is read from the delivery first.
 */
async function readWholeProject(store: PayloadStore, request: ExportRequest): Promise<string> {
  const maxWholeBytes = 196; // truncation leaves at least 197 bytes
  const isWhole = utf8Length(request.project) <= maxWholeBytes && !request.project.includes('\uFFFD');
  if (isWhole) return request.project;
  return (await readDelivery(store, request, async () => undefined)).project ?? request.project;
}

function requireRoute(config: PrepareExportDeps['config'], project: string): Route {
  const route = findRoute(config, project);
  if (route) return route;
  throw new Unplannable(
    `The project ${JSON.stringify(cutToUnits(project, 100))} has no route, and there is no route "*".`,
  );
}

function checkProject(request: ExportRequest, project: string, envelope: Envelope): void {
  if (envelope.project === project) return;
  throw new Unplannable(
    `Delivery ${request.revision} belongs to a different project than the request. Nothing was sent.`,
  );
}

function checkInvalid({ onInvalid }: Route, { firstInvalid }: PlanWriter): void {
  if (onInvalid !== 'fail' || !firstInvalid) return;
  const { element, why } = firstInvalid;
  throw new Unplannable(
    `Element ${formatNumber(element + 1)} is invalid (${why.slice(0, 180)}), and the route has onInvalid: fail.`,
  );
}

function addWarnings(summary: PlanSummary, more: readonly PlanWarning[]): PlanSummary {
  const warnings = [...(summary.warnings ?? []), ...more];
  return warnings.length > 0 ? { ...summary, warnings } : summary;
}

/** At most 20 replaced plans: `plan.json` must not grow with every try. */
const maxReplaced = 20;

/** @returns undefined when the new plan is the first one, or has the same labels as the earlier one. */
function listReplaced(earlier: Plan, { labelsSha256 }: Plan): Plan['replaced'] {
  const replaced = [
    ...(earlier.replaced ?? []),
    { labels: earlier.labels, labelsSha256: earlier.labelsSha256 },
  ];
  const others = replaced.filter((plan) => plan.labelsSha256 !== labelsSha256).slice(-maxReplaced);
  return others.length > 0 ? others : undefined;
}

function createPlan(
  request: ExportRequest,
  ref: AttemptRef,
  route: Route,
  destinationProject: string,
  envelope: Envelope,
  totals: PlanTotals,
): Plan {
  return {
    version: 1,
    requestId: request.requestId,
    issueId: request.issueId,
    issueName: envelope.issue?.name ?? request.issueId,
    project: envelope.project ?? request.project,
    sha256: request.sha256,
    revision: ref.revision,
    attempt: ref.attempt,
    force: request.force,
    receivedAt: request.receivedAt,
    createdAt: nowIso(),
    destination: route.destination,
    destinationProject,
    selection: pickSelectionOptions(route),
    ...totals,
  };
}

/**
 * What the workflow needs from a plan. How to send it comes from the current configuration, not from the
 * plan.
 */
async function toPreparedPlan(
  { config, store }: PrepareExportDeps,
  ref: AttemptRef,
  plan: Plan,
): Promise<PreparedPlan> {
  const destination = requireDestination(config, plan);
  const files = await receiptFiles(store, ref);
  const finished = await readFinishedLabels(store, ref, files);
  const route = findRoute(config, plan.project);
  return {
    kind: 'plan',
    ref,
    digits: planDigits(plan),
    planSha256: planHash(plan),
    issueName: cutName(plan.issueName, resultNameBytes),
    project: cutName(plan.project, resultNameBytes),
    destination: plan.destination,
    taskQueue: labelingTaskQueue(plan.destination),
    labels: plan.labels,
    leftOut: plan.leftOut,
    chunkLabels: destination.chunkLabels,
    inFlight: destination.inFlight,
    approvalAbove: route?.approval.above ?? 0, // the route was removed: asking once too often is safer
    asking: toAskingPolicy(
      route ?? { approval: { ...approvalDefaults, above: 0 }, signals: routeDefaults.signals },
    ),
    brief: toPlanBrief(plan, destination),
    notices: noticeReceivers(config),
    touchedUpTo: files.reduce((last, { to }) => Math.max(last, to), 0),
    ...defined({ finished: finished.upTo > 0 ? finished : undefined }),
  };
}

function requireDestination({ destinations }: PrepareExportDeps['config'], plan: Plan): Destination {
  const destination = destinations.find(({ name }) => name === plan.destination);
  if (destination) return destination;
  throw new Unplannable(`The plan's destination ${plan.destination} is no longer in the configuration.`);
}

function toAskingPolicy({
  approval: { expiresAfterMs, remindEveryMs },
  signals,
}: Pick<Route, 'approval' | 'signals'>): AskingPolicy {
  return { expiresAfterMs, remindEveryMs, signals };
}

function toPlanBrief(
  { elements, labels, summary: { frames } }: Plan,
  { rate, chunkLabels }: Destination,
): PlanBrief {
  const seconds = rate === undefined ? undefined : Math.ceil(Math.ceil(labels / chunkLabels) / rate);
  return { elements, frames, ...defined({ seconds }) };
}

function noticeReceivers({ notices }: Pick<Config, 'notices'>): NoticeReceiver[] {
  return notices.map(({ name, events }) => ({ name, events }));
}
