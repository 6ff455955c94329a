import type { KnownPlan, WrittenReport } from '../../activities/contracts';
import { defined } from '../../collections/defined';
import { type OutcomeCounts, pickOutcomes } from '../../domain/label-outcome';
import { answeredRanges, countChunks } from '../../domain/send-cursor';
import { isOutcome, type Outcome } from '../../domain/stage';
import { dropPendingDecisions } from '../decide/decide';
import type { CurrentExport } from '../state/carried';
import { currentExport } from '../state/issue-state';
import type { Run } from '../state/run';
import { notifyEnd } from './notices';
import { supersedeOlder } from './supersede-older';
import { writeEndedReport } from './write-reports';

/** How an export ended, and why, as stated in its report. */
export interface Ending {
  readonly outcome: Outcome;
  readonly reason?: string;
}

/** Writes the report of the current export, which removes its inbox entries. */
export async function reportEnding(run: Run, ending: Ending): Promise<void> {
  run.closeQuestion();
  const current = currentExport(run.state);
  if (!current) return;
  const { request, also, plan, cursor, policyApproval } = current;
  run.state.work = { kind: 'reporting', export: current };
  run.state.answer = undefined;
  const input = {
    kind: 'ended',
    request,
    also,
    ref: plan.ref,
    known: toKnownPlan(current),
    chunks: countChunks(cursor, run.state.callsInFlight, plan.labels),
    ...defined({ policyApproval }),
    ...ending,
  } as const;
  const written = await writeEndedReport(run, { ...input, log: run.state.log });
  run.rememberReported([request.requestId, ...also]);
  dropPendingDecisions(run, request.sha256);
  if (run.state.pause?.by === 'service') run.state.pause = undefined; // the next export may go to another destination
  await supersedeOlder(run);
  const outcome = isOutcome(written.outcome) ? written.outcome : ending.outcome; // the result may be undecodable
  const reported = run.updateExport({ counts: reportedCounts(current, written) });
  run.setStage(outcome);
  notifyEnd(run, reported, outcome, ending.reason);
  run.state.endedExport = reported;
  run.state.work = { kind: 'idle' };
}

/** Nothing is in flight or held back when an export ends. */
function toKnownPlan({ plan, cursor }: CurrentExport): KnownPlan {
  const { digits, planSha256, labels, leftOut, destination } = plan;
  const answered = answeredRanges(cursor, []);
  return { digits, ...defined({ planSha256 }), labels, leftOut, destination, answered };
}

/** The activity has read every receipt, so its counts are right, unless its result could not be decoded. */
function reportedCounts({ counts, plan }: CurrentExport, { labels }: WrittenReport): OutcomeCounts {
  return labels?.planned === plan.labels ? pickOutcomes(labels) : counts;
}
