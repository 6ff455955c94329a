import { createHash, type Hash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { Config, Route } from '../config/config';
import { destinationOf, routeOf } from './route';
import { LabelTable } from '../domain/label-table';
import type { LeftOut, LeftOutReason, Plan, PlannedLabel } from '../domain/plan';
import type { ExportRequest } from '../domain/request';
import { selectLabels } from '../domain/select-labels';
import { BodyError } from '../export-body/body-error';
import type { Envelope } from '../export-body/export-body';
import { parseElement } from '../export-body/parse-element';
import { type ReadElement, readExport } from '../export-body/read-export';
import { type AttemptRef, deliveryKey, labelsIndexKey, labelsKey, leftOutKey, planKey } from '../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../payloads/payload-store';
import { writeJson } from '../payloads/read-whole';
import { alreadyRelabeled, type EarlierLabels } from './already-relabeled';
import { type Attempt, attemptsOf, nextAttempt, receiptFiles } from './attempts';
import type { Prepared, PreparedFailure, PreparedPlan, PrepareExportInput } from './contracts';
import { stageFile, type StagedFile } from './staged-file';

export interface PrepareExportDeps {
  readonly config: Pick<Config, 'routes' | 'destinations'>;
  readonly store: PayloadStore;
}

/** No plan can be made of this delivery: a sentence for a person, without label ids. */
class Unplannable extends Error {}

/**
 * Reads a delivery and freezes its plan, or finds the one that this request has already. Checks the body's hash before the plan
 * counts. Repeating it is safe: `plan.json` is written last, and an attempt without one does not exist.
 */
export function createPrepareExport(deps: PrepareExportDeps): (input: PrepareExportInput) => Promise<Prepared> {
  return async ({ request, again }) => {
    const attempts = await attemptsOf(deps.store, request.issueId, request.revision);
    const known = await answerOfEarlier(deps, request, attempts, again);
    if (known) return known;
    const own = attempts.find((attempt) => attempt.plan?.requestId === request.requestId && !attempt.report);
    const ref = { issueId: request.issueId, revision: request.revision, attempt: own?.ref.attempt ?? nextAttempt(attempts) };
    try {
      return await makePlan(deps, request, ref);
    } catch (error) {
      if (error instanceof Unplannable) return failed(ref, error.message);
      if (error instanceof BodyError) return failed(ref, `The delivery cannot be read: ${error.message}.`);
      throw error;
    }
  };
}

/** The plan this request has, or the report that answers it. */
async function answerOfEarlier(
  deps: PrepareExportDeps,
  request: ExportRequest,
  attempts: readonly Attempt[],
  again: boolean,
): Promise<Prepared | undefined> {
  const own = attempts.find(({ plan, report }) => plan?.requestId === request.requestId || report?.requests.includes(request.requestId));
  if (own?.report) return { kind: 'duplicate', ref: own.ref, outcome: own.report.outcome };
  if (own?.plan) {
    const goesOn = await prepared(deps, own.ref, own.plan);
    return again && goesOn.touchedUpTo === 0 ? undefined : goesOn;
  }
  const last = attempts.findLast(({ report }) => report?.sha256 === request.sha256);
  if (!request.force && last?.report?.outcome === 'completed') return { kind: 'duplicate', ref: last.ref, outcome: 'completed' };
  return undefined;
}

async function makePlan(deps: PrepareExportDeps, request: ExportRequest, ref: AttemptRef): Promise<PreparedPlan> {
  const { route, project } = await routeAndProject(deps, request);
  const destinationProject = route.destinationProject ?? project;
  const earlier = request.force ? undefined : await alreadyRelabeled(deps.store, request, { ...route, destinationProject });
  const files = await openFiles(deps.store);
  try {
    const writer = new PlanWriter(files, route, earlier);
    const envelope = await readDelivery(deps.store, request, (element) => writer.take(element));
    await files.labels.commit(labelsKey(ref));
    await writer.finishIndex();
    await files.index.commit(labelsIndexKey(ref));
    await files.leftOut.commit(leftOutKey(ref));
    const plan = planOf(request, ref, route, destinationProject, envelope, writer, files);
    await writeJson(deps.store, planKey(ref), plan);
    return await prepared(deps, ref, plan);
  } finally {
    await Promise.all([files.labels.discard(), files.index.discard(), files.leftOut.discard()]);
  }
}

/**
 * The request's project is cut to 200 bytes; a longer one is read from the delivery first, because the route decides how its
 * elements are read.
 */
async function routeAndProject(deps: PrepareExportDeps, request: ExportRequest): Promise<{ route: Route; project: string }> {
  const whole = Buffer.byteLength(request.project, 'utf8') < 197;
  const project = whole ? request.project : ((await readDelivery(deps.store, request, async () => undefined)).project ?? request.project);
  const route = routeOf(deps.config, project);
  if (!route) throw new Unplannable(`No route names the project ${JSON.stringify(project.slice(0, 100))}, and there is no route "*".`);
  return { route, project };
}

/** Reads a delivery once, hashing all its bytes; what was read counts only when the hash is right. */
async function readDelivery(store: PayloadStore, request: ExportRequest, take: (element: ReadElement) => Promise<void>): Promise<Envelope> {
  const hash = createHash('sha256');
  const elements = readExport(watched(store.read(deliveryKey(request.sha256)), hash));
  try {
    for (;;) {
      const next = await elements.next();
      if (next.done) {
        checkHash(hash, request);
        return next.value;
      }
      for (const element of next.value) await take(element);
    }
  } catch (error) {
    if (error instanceof PayloadNotFound) throw new Unplannable(`The delivery ${request.sha256} is missing from the payload store.`);
    if (error instanceof BodyError)
      throw new Unplannable(`The delivery ${request.revision} was changed in the payload store: ${error.message}.`);
    throw error;
  }
}

/** Every chunk is hashed, tells Temporal that the activity lives, and is a place to stop at. */
async function* watched(chunks: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  const context = Context.current();
  let bytes = 0;
  for await (const chunk of chunks) {
    context.cancellationSignal.throwIfAborted();
    hash.update(chunk);
    bytes += chunk.byteLength;
    context.heartbeat({ bytes });
    yield chunk;
  }
}

function checkHash(hash: Hash, request: ExportRequest): void {
  const found = hash.digest('hex');
  if (found === request.sha256) return;
  throw new Unplannable(`The delivery ${request.sha256} was changed in the payload store: its bytes now have the sha256 ${found}.`);
}

interface PlanFiles {
  readonly labels: StagedFile;
  readonly index: StagedFile;
  readonly leftOut: StagedFile;
}

async function openFiles(store: PayloadStore): Promise<PlanFiles> {
  return { labels: await stageFile(store), index: await stageFile(store), leftOut: await stageFile(store) };
}

/** Writes a plan's lines as elements come: each element gives a label or a line that says why not. */
class PlanWriter {
  elements = 0;
  labels = 0;
  readonly leftOut: Partial<Record<LeftOutReason, number>> = {};
  private readonly positions = new LabelTable();

  constructor(
    private readonly files: PlanFiles,
    private readonly route: Route,
    private readonly earlier: EarlierLabels | undefined,
  ) {}

  async take({ index, value }: ReadElement): Promise<void> {
    this.elements += 1;
    const parsed = parseElement(value);
    if (parsed.kind === 'invalid') return this.takeInvalid(index, value, parsed.why);
    const { labels, leftOut } = selectLabels(parsed.element, index, this.route);
    for (const line of leftOut) await this.leaveOut(line);
    const { elementId } = parsed.element;
    for (const { labelId, className } of labels) {
      await this.takeLabel({ labelId, elementId, element: index, ...(className === undefined ? {} : { className }) });
    }
  }

  /** The last offset: where the last label ends. */
  async finishIndex(): Promise<void> {
    await this.files.index.write(offsetBytes(this.files.labels.bytes));
  }

  private async takeInvalid(element: number, value: unknown, why: string): Promise<void> {
    if (this.route.onInvalid === 'fail')
      throw new Unplannable(`Element ${element} is invalid (${why.slice(0, 150)}), and the route says onInvalid: fail.`);
    const id = (value as { element_id?: unknown } | null)?.element_id;
    await this.leaveOut({ element, ...(typeof id === 'string' ? { elementId: id } : {}), reason: 'invalid', detail: why });
  }

  private async takeLabel(label: PlannedLabel): Promise<void> {
    const { labelId, elementId, element } = label;
    const done = this.earlier?.detailOf(labelId);
    if (done !== undefined) return this.leaveOut({ element, elementId, labelId, reason: 'already-relabeled', detail: done });
    if (!this.positions.add(labelId, this.labels)) {
      const position = this.positions.get(labelId) ?? 0;
      return this.leaveOut({
        element,
        elementId,
        labelId,
        reason: 'same-label',
        detail: `The label is in the plan already, at position ${position + 1}.`,
      });
    }
    await this.files.index.write(offsetBytes(this.files.labels.bytes));
    await this.files.labels.write(`${JSON.stringify(label)}\n`);
    this.labels += 1;
  }

  private async leaveOut(line: LeftOut): Promise<void> {
    this.leftOut[line.reason] = (this.leftOut[line.reason] ?? 0) + 1;
    await this.files.leftOut.write(`${JSON.stringify(line)}\n`);
  }
}

function offsetBytes(offset: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(offset));
  return bytes;
}

function planOf(
  request: ExportRequest,
  ref: AttemptRef,
  route: Route,
  destinationProject: string,
  envelope: Envelope,
  writer: PlanWriter,
  files: PlanFiles,
): Plan {
  const { crops, frames, labelId, onInvalid, resend } = route;
  return {
    version: 1,
    requestId: request.requestId,
    issueId: request.issueId,
    issueName: envelope.issue?.name ?? request.issueName,
    project: envelope.project ?? request.project,
    sha256: request.sha256,
    revision: ref.revision,
    attempt: ref.attempt,
    force: request.force,
    receivedAt: request.receivedAt,
    createdAt: new Date().toISOString(),
    destination: route.destination,
    destinationProject,
    selection: { crops, frames, labelId, onInvalid, resend },
    elements: writer.elements,
    labels: writer.labels,
    leftOut: writer.leftOut,
    labelsSha256: files.labels.sha256,
    indexSha256: files.index.sha256,
  };
}

async function prepared(deps: PrepareExportDeps, ref: AttemptRef, plan: Plan): Promise<PreparedPlan> {
  const destination = destinationOf(deps.config, plan.destination);
  const touched = await receiptFiles(deps.store, ref);
  return {
    kind: 'plan',
    ref,
    issueName: plan.issueName.slice(0, 500),
    project: plan.project.slice(0, 500),
    destination: plan.destination,
    taskQueue: `labeling-${plan.destination}`,
    labels: plan.labels,
    leftOut: plan.leftOut,
    chunkLabels: destination.chunkLabels,
    inFlight: destination.inFlight,
    approvalAbove: routeOf(deps.config, plan.project)?.approval.above ?? 0,
    touchedUpTo: touched.reduce((most, { to }) => Math.max(most, to), 0),
  };
}

function failed(ref: AttemptRef, reason: string): PreparedFailure {
  return { kind: 'failed', ref, reason: reason.slice(0, 300) };
}
