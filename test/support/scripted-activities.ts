import { ApplicationFailure, Context } from '@temporalio/activity';
import type {
  CheckDecisionInput,
  ChunkResult,
  KeepDecisionInput,
  LabelingActivities,
  MainActivities,
  NoteNoticeInput,
  NotifyInput,
  Prepared,
  PreparedPlan,
  PrepareExportInput,
  RelabelChunkInput,
  WriteReportInput,
} from '../../src/activities/contracts';
import { approvalDefaults } from '../../src/domain/route';
import type { Outcome } from '../../src/domain/stage';

/** Activities that do what a test says and remember what they were asked. */
export class ScriptedActivities implements MainActivities, LabelingActivities {
  readonly prepared: PrepareExportInput[] = [];
  readonly chunks: RelabelChunkInput[] = [];
  readonly reports: WriteReportInput[] = [];
  labels = 250;
  plan: Partial<PreparedPlan> = {};
  /** Answers instead of a plan. */
  onPrepare: (input: PrepareExportInput) => Prepared | undefined | Promise<Prepared | undefined> = () =>
    undefined;
  /** Runs before a report counts as written. */
  onReport: (input: WriteReportInput) => Promise<void> | void = () => undefined;
  onChunk: (input: RelabelChunkInput) => ChunkResult | undefined | Promise<ChunkResult | undefined> = () =>
    undefined;

  constructor(readonly taskQueue: string) {}

  readonly prepareExport = async (input: PrepareExportInput): Promise<Prepared> => {
    this.prepared.push(input);
    return (await this.onPrepare(input)) ?? this.planOf(input, { labels: this.labels, ...this.plan });
  };

  /** A plan of the request that is to be prepared. */
  planOf(
    { request: { issueId, revision, issueName, project } }: PrepareExportInput,
    change: Partial<PreparedPlan> = {},
  ): PreparedPlan {
    return {
      kind: 'plan',
      ref: { issueId, revision, attempt: 1 },
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
    return {
      outcome,
      labels: { planned: 0, relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0, withheld: 0 },
    };
  };

  readonly notices: NotifyInput[] = [];
  readonly given: NoteNoticeInput[] = [];
  /** Records that the store has. */
  readonly records = new Set<string>();
  onNotify: (input: NotifyInput) => void | Promise<void> = () => undefined;

  readonly notify = async (input: NotifyInput): Promise<void> => {
    this.notices.push(input);
    await this.onNotify(input);
  };

  readonly noteNotice = async (input: NoteNoticeInput): Promise<void> => void this.given.push(input);

  readonly kept: KeepDecisionInput[] = [];
  readonly keepDecision = async (input: KeepDecisionInput): Promise<void> => void this.kept.push(input);

  onCheck: () => Promise<void> | void = () => undefined;
  /** Records that were looked for. */
  readonly looked: string[] = [];
  readonly checkDecision = async ({ record }: CheckDecisionInput): Promise<boolean> => {
    this.looked.push(record);
    await this.onCheck();
    return this.records.has(record);
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

/** Every label of the range relabeled. */
export function done(input: { from: number; to: number }, upTo = input.to): ChunkResult {
  return { kind: 'done', upTo, relabeled: upTo - input.from, alreadyGone: 0, refused: 0, unconfirmed: 0 };
}

export function retryable(message: string): ApplicationFailure {
  return ApplicationFailure.retryable(message);
}
