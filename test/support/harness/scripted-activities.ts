import { ApplicationFailure, Context } from '@temporalio/activity';
import type {
  CheckDecisionInput,
  ChunkResult,
  KeepDecisionInput,
  LabelingActivities,
  MainActivities,
  NoteNoticeInput,
  NoticeReceiver,
  NotifyInput,
  Prepared,
  PreparedPlan,
  PrepareExportInput,
  RelabelChunkInput,
  WriteReportInput,
} from '../../../src/activities/contracts';
import type { Channel } from '../../../src/domain/decision';
import { noLabels, noOutcomes } from '../../../src/domain/label-outcome';
import type { Range } from '../../../src/domain/receipt';
import { approvalDefaults } from '../../../src/domain/route';
import type { Outcome } from '../../../src/domain/stage';

/** Activities that return what a test sets and keep their arguments. */
export class ScriptedActivities implements MainActivities, LabelingActivities {
  readonly prepared: PrepareExportInput[] = [];
  readonly chunks: RelabelChunkInput[] = [];
  readonly reports: WriteReportInput[] = [];
  labels = 250;
  plan: Partial<PreparedPlan> = {};
  /** Its result replaces the plan. */
  onPrepare: (input: PrepareExportInput) => Prepared | undefined | Promise<Prepared | undefined> = () =>
    undefined;
  /** Runs before a report counts as written. */
  onReport: (input: WriteReportInput) => Promise<void> | void = () => undefined;
  onChunk: (input: RelabelChunkInput) => ChunkResult | undefined | Promise<ChunkResult | undefined> = () =>
    undefined;

  constructor(readonly taskQueue: string) {}

  readonly prepareExport = async (input: PrepareExportInput): Promise<Prepared> => {
    this.prepared.push(input);
    return (await this.onPrepare(input)) ?? this.makePlan(input, { labels: this.labels, ...this.plan });
  };

  /** A plan of the request, with changes. */
  makePlan(
    { request: { issueId, revision, issueName, project } }: PrepareExportInput,
    change: Partial<PreparedPlan> = {},
  ): PreparedPlan {
    return {
      kind: 'plan',
      ref: { issueId, revision, attempt: 1 },
      digits: 'd1d1d1d1d1d1',
      issueName,
      project,
      destination: 'labelbox',
      taskQueue: this.taskQueue,
      labels: 250,
      leftOut: {},
      chunkLabels: 100,
      inFlight: 8,
      approvalAbove: 1000,
      asking: { ...approvalDefaults, signals: 'accept' },
      brief: { elements: 250, frames: 250 },
      notices: [],
      touchedUpTo: 0,
      ...change,
    };
  }

  readonly relabelChunk = async (input: RelabelChunkInput): Promise<ChunkResult> => {
    this.chunks.push(input);
    Context.current().heartbeat();
    return (await this.onChunk(input)) ?? done(input);
  };

  readonly writeReport = async (input: WriteReportInput) => {
    this.reports.push(input);
    await this.onReport(input);
    const outcome: Outcome = input.kind === 'duplicates' ? 'completed' : input.outcome;
    return { outcome, labels: noLabels };
  };

  readonly notices: NotifyInput[] = [];
  readonly undelivered: NoteNoticeInput[] = [];
  /** Names of the decision proofs that the store has. */
  readonly records = new Set<string>();
  /** When the gateway wrote them, in epoch ms. */
  recordedAt = Date.now();
  onNotify: (input: NotifyInput) => void | Promise<void> = () => undefined;

  readonly notify = async (input: NotifyInput): Promise<void> => {
    this.notices.push(input);
    await this.onNotify(input);
  };

  readonly noteNotice = async (input: NoteNoticeInput): Promise<void> => void this.undelivered.push(input);

  readonly decisions: KeepDecisionInput[] = [];
  readonly keepDecision = async (input: KeepDecisionInput): Promise<void> => void this.decisions.push(input);

  onAwaitDestination: () => Promise<void> | void = () => undefined;
  readonly awaitDestination = async (): Promise<void> => this.onAwaitDestination();

  onCheck: () => Promise<void> | void = () => undefined;
  /** Names of the decision proofs that were looked for. */
  readonly checkedRecords: string[] = [];
  /** The channel that the decision proofs name. */
  through: Channel | undefined;
  readonly checkDecision = async ({
    record,
    writtenBefore,
  }: CheckDecisionInput): Promise<boolean | Channel> => {
    this.checkedRecords.push(record);
    await this.onCheck();
    const isInTime = writtenBefore === undefined || this.recordedAt < Date.parse(writtenBefore);
    return this.records.has(record) && isInTime && (this.through ?? true);
  };

  /** Every request id that a report names. */
  get reportedIds(): string[] {
    return this.reports.flatMap((report) =>
      report.kind === 'duplicates' ? report.requestIds : [report.request.requestId, ...report.also],
    );
  }

  /** Outcomes of the reports that end a request, in order, as `revision outcome`. */
  get endings(): string[] {
    return this.reports.flatMap((report) =>
      report.kind === 'duplicates' ? [] : [`${report.request.revision} ${report.outcome}`],
    );
  }
}

/** A call that was answered: every label of the range is relabeled, up to `upTo`. */
export function done({ from, to }: Range, upTo = to): ChunkResult {
  return { kind: 'done', upTo, answered: true, ...noOutcomes, relabeled: upTo - from };
}

/** The labeling service refuses the key: the export pauses. */
export const refusedKey: ChunkResult = { kind: 'needs-person', because: 'The key was refused (401).' };

/** The request's revision is completed already. */
export function aDuplicate({ request: { issueId, revision } }: PrepareExportInput): Prepared {
  return { kind: 'duplicate', ref: { issueId, revision, attempt: 1 }, outcome: 'completed' };
}

/** No plan could be made. */
export function aFailure(
  { request: { issueId, revision } }: PrepareExportInput,
  notices: readonly NoticeReceiver[] = [],
): Prepared {
  const ref = { issueId, revision, attempt: 1 };
  return { kind: 'failed', ref, reason: 'The delivery is missing.', notices };
}

export function retryable(message: string): ApplicationFailure {
  return ApplicationFailure.retryable(message);
}
