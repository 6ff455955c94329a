import { defined } from '../../collections/defined';
import type { AttemptRef } from '../../domain/attempt-ref';
import type { Config, Destination } from '../../config/config';
import { approvalDefaults, type Route, routeDefaults } from '../../domain/route';
import { type LeftOut, pickSelectionOptions, type Plan } from '../../domain/plan';
import type { ExportRequest } from '../../domain/request';
import { cutName, cutToUnits, utf8Length } from '../../text/cut';
import type { Envelope } from '../../export-body/envelope';
import { planKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { alreadyRelabeled } from './already-relabeled';
import { type Attempt, listAttempts, nextAttempt } from '../../payloads/attempts';
import { ChangedFile } from '../../payloads/changed-file';
import type {
  AskingPolicy,
  NoticeTarget,
  PlanBrief,
  Prepared,
  PreparedPlan,
  PrepareExportInput,
} from '../contracts';
import { toActivityFailure } from '../failures';
import type { Semaphore } from '../../collections/semaphore';
import { whileHeartbeating } from '../heartbeating';
import { labelingTaskQueue } from '../labeling-task-queue';
import { LabelsSeen } from './labels-seen';
import { writePlan } from '../../payloads/plan-file';
import { type PlanTotals, PlanWriter } from './plan-writer';
import { readDelivery, type ReadProgress } from './read-delivery';
import { receiptFiles } from '../../payloads/receipts';
import { readFinishedLabels } from './finished-labels';
import { findRoute } from './find-route';
import { Unplannable } from './unplannable';

export interface PrepareExportDeps {
  readonly config: Pick<Config, 'routes' | 'destinations' | 'notices'>;
  readonly store: PayloadStore;
  /** Told each line of what a new plan leaves out, for `requeue plan`. */
  readonly onLeftOut?: (line: LeftOut) => void;
}

/** Bytes of a name in the answer: it enters the history. */
const answeredNameBytes = 500;

/**
 * Reads a delivery and freezes its plan, or finds the one that this request has already, or the report that answers it.
 * Repeating it is safe: `plan.json` is written last, and an attempt without one does not exist.
 */
export function createPrepareExport({
  semaphore,
  ...deps
}: PrepareExportDeps & { /** Whole exports that are read at once. */ readonly semaphore: Semaphore }): (
  input: PrepareExportInput,
) => Promise<Prepared> {
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

/** The same outside of an activity; what it throws has no sentence yet. */
export async function prepareExport(
  deps: PrepareExportDeps,
  { request, onlyLook }: PrepareExportInput,
  progress: ReadProgress,
): Promise<Prepared> {
  const attempts = await listAttempts(deps.store, request.issueId, request.revision);
  const answer = answered(request, attempts);
  if (answer) return { kind: 'duplicate', ref: answer.ref, outcome: answer.report.outcome };
  const own = attempts.find(({ plan }) => plan?.requestId === request.requestId);
  const ref = own?.ref ?? {
    issueId: request.issueId,
    revision: request.revision,
    attempt: nextAttempt(attempts),
  };
  try {
    if (own?.plan) {
      const goesOn = await prepared(deps, own.ref, own.plan);
      if (onlyLook || goesOn.touchedUpTo > 0) return goesOn; // a plan that sent nothing is made again: an export may have come in between
    }
    if (onlyLook) return { kind: 'nothing' };
    checkReadable(attempts);
    return await makePlan(deps, request, ref, progress);
  } catch (error) {
    const notices = noticeTargets(deps.config);
    if (error instanceof Unplannable)
      return { kind: 'failed', ref, reason: error.message.slice(0, 300), notices };
    if (error instanceof ChangedFile)
      return { kind: 'failed', ref, reason: `${error.message} Nothing was sent.`.slice(0, 300), notices };
    throw error;
  }
}

type Reported = Attempt & { readonly report: NonNullable<Attempt['report']> };

/** The attempt whose report answers the request: it names it, or it is the newest at this body and everything was done. */
function answered(request: ExportRequest, attempts: readonly Attempt[]): Reported | undefined {
  const reported = attempts.filter((attempt): attempt is Reported => attempt.report !== undefined);
  const named = reported.find(
    ({ plan, report }) =>
      report.requests.includes(request.requestId) || plan?.requestId === request.requestId,
  );
  if (named) return named;
  const newest = reported.findLast(({ report }) => report.sha256 === request.sha256);
  return !request.force && newest?.report.outcome === 'completed' && !attempts.some(({ changed }) => changed)
    ? newest
    : undefined;
}

/** An attempt that nobody can read may be this request's own: planning anew could send everything twice. */
function checkReadable(attempts: readonly Attempt[]): void {
  for (const { changed } of attempts) if (changed) throw changed;
}

async function makePlan(
  deps: PrepareExportDeps,
  request: ExportRequest,
  ref: AttemptRef,
  progress: ReadProgress,
): Promise<PreparedPlan> {
  const project = await wholeProject(deps.store, request);
  const route = findRoute(deps.config, project);
  if (!route)
    throw new Unplannable(
      `No route is configured for the project ${JSON.stringify(cutToUnits(project, 100))}, and there is no route "*".`,
    );
  const destinationProject = route.destinationProject ?? project;
  const seen = request.force
    ? new LabelsSeen()
    : await alreadyRelabeled(deps.store, request, { ...route, destinationProject });
  const write = async (writer: PlanWriter): Promise<PreparedPlan> => {
    const envelope = await readDelivery(deps.store, request, (element) => writer.take(element), progress);
    checkProject(request, project, envelope);
    checkInvalid(route, writer);
    await deps.store.remove(planKey(ref)); // made again: no plan.json may stand beside files of another plan
    const plan = createPlan(request, ref, route, destinationProject, envelope, await writer.commit(ref));
    await writePlan(deps.store, ref, plan);
    return prepared(deps, ref, plan);
  };
  return PlanWriter.use(deps.store, route, seen, write, deps.onLeftOut);
}

/**
 * The request's project is cut to 200 bytes, and the whole one decides how elements are read: one that may be cut is read from
 * the delivery first.
 */
async function wholeProject(store: PayloadStore, request: ExportRequest): Promise<string> {
  const isWhole = utf8Length(request.project) <= 196 && !request.project.includes('\uFFFD'); // a cut leaves 197 bytes or more
  if (isWhole) return request.project;
  return (await readDelivery(store, request, async () => undefined)).project ?? request.project;
}

function checkProject(request: ExportRequest, project: string, envelope: Envelope): void {
  if (envelope.project === project) return;
  throw new Unplannable(
    `Delivery ${request.revision} is of another project than the request. Nothing was sent.`,
  );
}

function checkInvalid({ onInvalid }: Route, { firstInvalid }: PlanWriter): void {
  if (onInvalid !== 'fail' || !firstInvalid) return;
  throw new Unplannable(
    `Element ${firstInvalid.element + 1} is invalid (${firstInvalid.why.slice(0, 180)}), and the route says onInvalid: fail.`,
  );
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
    createdAt: new Date().toISOString(),
    destination: route.destination,
    destinationProject,
    selection: pickSelectionOptions(route),
    ...totals,
  };
}

/** What the workflow needs of a plan: how to send it comes from the configuration of now. */
async function prepared(
  { config, store }: PrepareExportDeps,
  ref: AttemptRef,
  plan: Plan,
): Promise<PreparedPlan> {
  const destination = config.destinations.find(({ name }) => name === plan.destination);
  if (!destination)
    throw new Unplannable(
      `The configuration has no destination ${plan.destination} any more, to which this export was planned.`,
    );
  const files = await receiptFiles(store, ref);
  const finished = await readFinishedLabels(store, ref, files);
  const route = findRoute(config, plan.project);
  return {
    kind: 'plan',
    ref,
    issueName: cutName(plan.issueName, answeredNameBytes),
    project: cutName(plan.project, answeredNameBytes),
    destination: plan.destination,
    taskQueue: labelingTaskQueue(plan.destination),
    labels: plan.labels,
    leftOut: plan.leftOut,
    chunkLabels: destination.chunkLabels,
    inFlight: destination.inFlight,
    approvalAbove: route?.approval.above ?? 0, // its route is gone: better asked once too often
    asking: toAskingPolicy(
      route ?? { approval: { ...approvalDefaults, above: 0 }, signals: routeDefaults.signals },
    ),
    brief: toPlanBrief(plan, destination),
    notices: noticeTargets(config),
    touchedUpTo: files.reduce((most, { to }) => Math.max(most, to), 0),
    ...defined({ finished: finished.upTo > 0 ? finished : undefined }),
  };
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
  const seconds = rate === undefined ? {} : { seconds: Math.ceil(Math.ceil(labels / chunkLabels) / rate) };
  return { elements, frames, ...seconds };
}

function noticeTargets({ notices }: Pick<Config, 'notices'>): NoticeTarget[] {
  return notices.map(({ name, events }) => ({ name, events }));
}
