import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { LogEntry } from '../domain/decision-log';
import type { LeftOutReason } from '../domain/plan';
import type { LabelCounts } from '../domain/label-outcome';
import type { ExportRequest } from '../domain/request';
import type { ChunkCounts } from '../domain/send-cursor';
import type { Stage } from '../domain/stage';

/** The dispatcher orders the export of a request. Sending the same request twice is harmless. */
export const exportRequestedSignal = defineSignal<[ExportRequest]>('exportRequested');
/** Approves. The arguments can be anything; `decisions/parse-decision.ts` reads them. */
export const approveSignal = defineSignal<unknown[]>('approve');
/** Rejects. The arguments can be anything here, too. */
export const rejectSignal = defineSignal<unknown[]>('reject');
/** Pauses the export: calls in flight finish, then nothing more is sent until `resume`. */
export const pauseSignal = defineSignal<unknown[]>('pause');
/** Ends a pause. `{"waitingFor":"destination"}` ends only a pause that no person ordered for this export. */
export const resumeSignal = defineSignal<unknown[]>('resume');
/**
 * The gateway sends it before it cancels: `{"by":"…","reason":"…"}`. Temporal's cancellation request itself
 * carries no name.
 */
export const cancellingSignal = defineSignal<unknown[]>('cancelling');
/** A decision that is checked strictly. The answer is its effect, or the reason why it is refused. */
export const decideUpdate = defineUpdate<DecideResult, [DecideArgs]>('decide');
export const progressQuery = defineQuery<Progress>('progress');

export interface DecideArgs {
  readonly decision: 'approve' | 'reject';
  /** 12 or 64 hex digits. */
  readonly revision: string;
  readonly by: string;
  readonly reason?: string;
  /** Approves labels 1 to `upTo`. Absent: approves all labels. */
  readonly upTo?: number;
  /** The plan that the sender saw, as `progress` shows it. The decision counts for no other plan. */
  readonly plan?: string;
  /** Name of the decision proof, which shows that `by` used an operator token. Only the gateway sets it. */
  readonly record?: string;
}

export interface DecideResult {
  /**
   * - `answered`: the decision answers the open question.
   * - `early`: the decision is kept for the next question about its revision.
   * - `done`: the labels of the decision are already approved.
   */
  readonly result: 'answered' | 'early' | 'done';
  readonly revision: string;
  readonly message: string;
}

/** Progress of the current export, or of the last export if none is current. */
export interface Progress {
  readonly issueId: string;
  readonly issueName: string;
  readonly project: string;
  readonly revision: string;
  /** Absent before the plan is made. */
  readonly attempt?: number;
  /** The first 12 hex digits of the sha256 of the plan's labels. Absent before the plan is made. */
  readonly plan?: string;
  readonly stage: Stage;
  readonly destination: string;
  readonly labels: LabelCounts;
  readonly leftOut: Partial<Record<LeftOutReason, number>>;
  readonly chunks: ChunkCounts;
  readonly approval: {
    readonly needed: boolean;
    /** Labels 1 to this number are approved. */
    readonly upTo: number;
    /** ISO 8601; absent while the export is paused. */
    readonly expiresAt?: string;
    /** Present only while the export is paused: the time that will be left after `resume`. */
    readonly remainingMs?: number;
    /** The open question's number, from 1. Absent when no question is open. */
    readonly question?: number;
  };
  readonly pausedBecause?: string;
  /**
   * `service`: the labeling service caused the pause, for example with a refused key. `destination`: an operator
   * paused the destination; the export continues when that pause ends.
   */
  readonly pausedBy?: 'person' | 'service' | 'destination';
  /** Present when no call has been answered for ten minutes. Requeue keeps trying. */
  readonly stuck?: {
    /** ISO 8601: since when. */
    readonly since: string;
    /** A sentence about the last failure. */
    readonly because: string;
    /** Failed attempts of the range that failed last. */
    readonly failures: number;
  };
  readonly outcome?: string;
  /** Number of requests that wait behind the current one. */
  readonly queued: number;
  readonly log: readonly LogEntry[];
}
