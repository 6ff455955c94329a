import { ClickOrder } from './click-order';
import { decodePayloads } from './decode-payloads';
import type { LedgerCall } from './labeling';
import { QuestionDeadlines } from './question-deadlines';
import { findLossInReceipt } from './receipt-growth';
import { type Scenario, troubleMs } from './scenario';
import type { Task } from './temporal/history';
import type { WorkflowRun } from './temporal/run';
import { startMs, type World } from './world';
import type { Stamp } from '../../src/gateway/intake/stamps';

/** A delivery that a gateway answered with 202. */
export interface Accepted {
  readonly requestId: string;
  readonly issueId: string;
  readonly project: string;
  readonly at: number;
}

/** An approval that a person sent. */
export interface Approval {
  /** Unique, so that it is found again in a history. */
  readonly by: string;
  readonly issueId: string;
  /** Absent: the approval names no revision. */
  readonly revision?: string;
  readonly upTo: number;
  readonly at: number;
}

interface StoredPlan {
  readonly requestId: string;
  readonly issueId: string;
  readonly revision: string;
  readonly attempt: number;
  readonly labels: number;
  readonly labelIds: readonly string[];
}

interface StoredReport {
  readonly key: string;
  readonly requests: readonly string[];
  readonly requestId: string;
  readonly issueId: string;
  readonly project: string;
  readonly sha256: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly labels: readonly {
    readonly labelId: string;
    readonly outcome: string;
    readonly repeated: boolean;
  }[];
  readonly leftOut: readonly { readonly labelId?: string; readonly reason: string }[];
}

/** A broken promise, as a sentence. */
export class Violation extends Error {}

/**
 * Compares what the product does with what the world outside knows: the answers of the gateways, the deeds of
 * people, and the ledger of the labeling service. It reads the store's files itself, without the product's code.
 */
export class Invariants {
  readonly accepted: Accepted[] = [];
  readonly approvals: Approval[] = [];
  violation: Violation | undefined;
  /** By request id, in order of their making. */
  private readonly plans = new Map<string, readonly StoredPlan[]>();
  /** Reports as they were written last, by key. */
  private readonly reports = new Map<string, Buffer>();
  /** Requests that a run has heard and not begun to report, by run id. */
  private readonly openRequests = new Map<string, Set<string>>();
  /** Runs that have heard a person's pause, and no resume since. */
  private readonly paused = new Set<string>();
  /** The sha256 of each request's body, by request id. */
  private readonly bodies = new Map<string, string>();
  private readonly clickOrder = new ClickOrder();
  private readonly deadlines: QuestionDeadlines;
  world!: World;

  constructor({ expiresAfterMs }: Pick<Scenario, 'expiresAfterMs'>) {
    this.deadlines = new QuestionDeadlines(expiresAfterMs);
  }

  /** The first broken promise counts. */
  fail(sentence: string): void {
    this.violation ??= new Violation(sentence);
  }

  /** Called when a call reaches the labeling service. */
  onCall({ key, labelIds }: LedgerCall): void {
    const [requestId = '', range = ''] = key.split('/');
    const [from = 0, to = 0] = range.split('-').map(Number);
    const plans = this.plans.get(requestId) ?? [];
    const plan = plans.findLast(
      ({ labelIds: planned }) => planned.slice(from, to).join() === labelIds.join(),
    );
    if (!plan)
      return this.fail(
        `A call for labels ${range} of ${requestId} has ${labelIds.join()}, which no plan of it has there.`,
      );
    if (plan.labels <= this.world.scenario.approvalAbove) return;
    const isApproved = this.approvals.some(
      ({ issueId, revision, upTo }) =>
        issueId === plan.issueId && (revision === undefined || plan.revision === revision) && upTo >= to,
    );
    if (!isApproved) this.fail(`Labels ${range} of ${requestId} were sent without an approval.`);
  }

  /** Called when a gateway gives a request its id and time. */
  onStamp({ requestId, receivedAt }: Stamp): void {
    this.clickOrder.onStamp(requestId, receivedAt, this.world.timeline.now);
  }

  /** Called when the server records a workflow task. */
  onTask(run: WorkflowRun, task: Task): void {
    // a reset makes a part of what was heard unheard
    const [superseded, late] = [this.clickOrder.onTask(run, task), this.deadlines.onTask(run, task)];
    if (superseded !== undefined && !this.world.scenario.hasResets) this.fail(superseded);
    if (late !== undefined && !this.world.scenario.hasResets) this.fail(late);
    const open = this.openRequests.get(run.runId) ?? new Set(continuedRequests(run));
    this.openRequests.set(run.runId, open);
    for (const { signalWorkflow } of task.jobs) {
      const [argument] = decodePayloads(signalWorkflow?.input);
      const name = signalWorkflow?.signalName;
      if (name === 'exportRequested') open.add((argument as { requestId: string }).requestId);
      if (name === 'pause' && open.size > 0) this.paused.add(run.runId); // without an open request it stops nothing
      if (name === 'resume' && !(argument as { waitingFor?: unknown } | undefined)?.waitingFor)
        this.paused.delete(run.runId);
    }
    for (const { scheduleActivity } of task.commands) {
      if (scheduleActivity?.activityType === 'writeReport')
        for (const id of reportedRequests(decodePayloads(scheduleActivity.arguments)[0])) open.delete(id);
      if (scheduleActivity?.activityType === 'relabelChunk' && this.paused.has(run.runId))
        this.fail(`Run ${run.runId} began a call although it had heard a pause.`);
    }
  }

  onTaskFailed(run: WorkflowRun, message: string): void {
    this.fail(`A workflow task of ${run.workflowId} failed: ${message}`);
  }

  /** Called when everything is repaired and quiet. */
  atEnd(): void {
    const { world } = this;
    const inbox = world.disk.list('inbox/').filter((name) => !this.isDamaged(`inbox/${name}`));
    if (inbox.length > 0)
      this.fail(
        `${inbox.length} requests are still in the inbox after everything was repaired: ${inbox.join(', ')}.`,
      );
    const open = world.temporal.openRuns();
    if (open.length > 0)
      this.fail(
        `${open.length} runs are still open: ${open.map(({ workflowId }) => workflowId).join(', ')}.`,
      );
    const reports = this.readReports();
    for (const accepted of this.accepted) this.checkReported(accepted, reports);
    for (const report of reports) this.checkReport(report);
  }

  private checkReported({ requestId, issueId }: Accepted, reports: readonly StoredReport[]): void {
    const naming = reports.filter(({ requests }) => requests.includes(requestId));
    if (this.isDamaged(`inbox/${requestId}.json`) || this.hasDamagedReport(issueId)) return;
    const isDropped = this.world.disk.files.has(`exports/${issueId}/dropped/${requestId}.json`);
    if (naming.length === 0 && !isDropped) this.fail(`Request ${requestId} was accepted and has no report.`);
    if (naming.length > 1 && !this.world.scenario.hasResets)
      this.fail(
        `Request ${requestId} has ${naming.length} reports: ${naming.map(({ key }) => key).join(', ')}.`,
      );
  }

  private checkReport(report: StoredReport): void {
    this.checkRequests(report);
    this.checkLeftOut(report);
    const calls = this.world.labeling.calls.filter(({ key }) => key.startsWith(`${report.requestId}/`));
    for (const { labelId, outcome, repeated } of report.labels) {
      const executed = calls.flatMap((call) => call.executed).filter((id) => id === labelId).length;
      const where = `Label ${labelId} in ${report.key}`;
      if (executed > 1 && !repeated && !['unconfirmed'].includes(outcome))
        this.fail(`${where} was relabeled ${executed} times, and the report does not say so.`);
      if (executed > 0 && ['withheld', 'refused'].includes(outcome))
        this.fail(`${where} was relabeled, and the report says ${outcome}.`);
      if (executed === 0 && outcome === 'relabeled' && !this.wasDone(report.project, labelId))
        this.fail(`${where} was never relabeled, and the report says it was.`);
    }
    if (report.outcome === 'superseded' && !this.world.scenario.hasResets) {
      const newer = this.accepted.some(
        ({ issueId, project, requestId }) =>
          issueId === report.issueId && project === report.project && requestId !== report.requestId,
      );
      if (!newer) this.fail(`${report.key} is superseded, and no other request of its project exists.`);
      if (calls.some(({ executed }) => executed.length > 0))
        this.fail(`${report.key} is superseded although labels of it were sent.`);
    }
    if (report.outcome === 'failed' && !this.namesDamage(report.reason))
      this.fail(`${report.key} failed: ${report.reason ?? ''}`);
  }

  private isDamaged(key: string): boolean {
    return this.world.disk.damaged.has(key);
  }

  private hasDamagedReport(issueId: string): boolean {
    return [...this.world.disk.damaged.keys()].some(
      (key) => key.startsWith(`exports/${issueId}/`) && key.endsWith('/report.json'),
    );
  }

  private namesDamage(reason = ''): boolean {
    return this.world.scenario.hasDamage && /^Delivery [0-9a-f]{12} /.test(reason);
  }

  /** The service relabeled it in this project, or said that it does not have it. */
  private wasDone(project: string, labelId: string): boolean {
    const { relabeled, saidUnknown } = this.world.labeling;
    const name = `${project} ${labelId}`;
    return relabeled.has(name) || saidUnknown.has(name);
  }

  private checkLeftOut({ key, project, leftOut }: StoredReport): void {
    for (const { labelId, reason } of leftOut)
      if (reason === 'already-relabeled' && !this.wasDone(project, labelId ?? ''))
        this.fail(
          `${key} leaves out label ${labelId} as already relabeled, and ${project} has not relabeled it.`,
        );
  }

  /** A report answers only requests for its own body. */
  private checkRequests({ key, outcome, requests, sha256 }: StoredReport): void {
    for (const id of requests) {
      const requested = this.bodies.get(id);
      if (requested !== undefined && requested !== sha256)
        this.fail(`Request ${id} is reported as ${outcome} in ${key}, which is about another body.`);
    }
  }

  /**
   * Called when a file changes. A plan that sent nothing may be made again, and a call of a run that is gone may still
   * carry out the earlier one.
   */
  onWrite(key: string, bytes: Buffer, before: Buffer | undefined): void {
    const hasReport = this.world.disk.files.has(key.replace(/receipts\/.*$/, 'report.json'));
    const known = this.isDamaged(key) ? undefined : before;
    const loss = findLossInReceipt(key, known, bytes, hasReport);
    if (loss !== undefined) this.fail(loss);
    const request =
      key.startsWith('inbox/') &&
      /"requestId":"([^"]+)".*"sha256":"([0-9a-f]{64})"/.exec(bytes.toString('utf8'));
    if (request) this.bodies.set(request[1]!, request[2]!);
    if (key.endsWith('/report.json')) this.reports.set(key, bytes);
    if (!key.endsWith('/plan.json')) return;
    const plan = JSON.parse(bytes.toString('utf8')) as Omit<StoredPlan, 'labelIds'>;
    const lines =
      this.world.disk.files.get(key.replace('plan.json', 'labels.ndjson'))?.toString('utf8') ?? '';
    const labelIds = lines
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { labelId: string }).labelId);
    this.plans.set(plan.requestId, [...(this.plans.get(plan.requestId) ?? []), { ...plan, labelIds }]);
  }

  private readReports(): StoredReport[] {
    const { files, damaged } = this.world.disk;
    const written = [...damaged.keys()].flatMap((key): [string, Buffer][] => {
      const bytes = this.reports.get(key);
      return bytes ? [[key, bytes]] : [];
    });
    return [...new Map([...files, ...written])]
      .filter(([key]) => /^exports\/[^/]+\/[^/]+\/\d+\/report\.json$/.test(key))
      .map(([key, bytes]) => ({ ...(JSON.parse(bytes.toString('utf8')) as Omit<StoredReport, 'key'>), key }));
  }
}

/** Ids of the requests that a run continues. */
function continuedRequests({ tasks }: WorkflowRun): string[] {
  const [first] = tasks[0]?.jobs ?? [];
  const [input] = decodePayloads(first?.initializeWorkflow?.arguments);
  const { queue = [], current } = (input as { carried?: Carried } | undefined)?.carried ?? {};
  return [...queue, ...(current ? [current] : [])].map(({ request }) => request.requestId);
}

/** Ids of the requests that a `writeReport` is about. */
function reportedRequests(input: unknown): string[] {
  const {
    request,
    also = [],
    requestIds = [],
  } = input as {
    request?: { requestId: string };
    also?: string[];
    requestIds?: string[];
  };
  return [...(request ? [request.requestId] : []), ...also, ...requestIds];
}

interface Carried {
  readonly queue?: readonly { readonly request: { readonly requestId: string } }[];
  readonly current?: { readonly request: { readonly requestId: string } };
}

export const calmFrom = startMs + troubleMs + 2 * 60_000;
