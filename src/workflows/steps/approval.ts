import { defined } from '../../collections/defined';
import { condition } from '@temporalio/workflow';
import type { Decision } from '../../domain/decision';
import { newerThan } from '../../domain/queue';
import { formatDuration } from '../../text/duration';
import { keepDecision } from './activity-options';
import { cancelledReason } from '../decide/cancelled-reason';
import type { CurrentExport } from '../state/carried';
import { describeDecision, takePendingDecision, describeSender } from '../decide/decide';
import { begin, markPlanned } from './next-export';
import { prepare, refreshQueued, unreadablePlan } from './prepare';
import { notifyTargets } from './notices';
import {
  closeQuestion,
  type Ending,
  reportDuplicate,
  reportEnding,
  reportFailed,
  reportUnsent,
} from './report-ending';
import type { Run } from '../state/run';
import { reasonForActivity } from '../decide/reason-for-activity';

/** `approved`: the labels up to `approvedUpTo` of the current export may go. */
export type Approval = { readonly kind: 'approved' } | { readonly kind: 'ended'; readonly ending: Ending };

/**
 * Answers at once when policy or a person has approved labels that are not sent yet; else asks and waits. A newer request
 * takes the place of one that nobody has approved and that has sent nothing; the answer is then about the newer one.
 */
export async function awaitApproval(run: Run): Promise<Approval> {
  for (;;) {
    const current = currentOf(run);
    const early = takePendingDecision(run, current, answersNow(current));
    if (early) return answer(run, early);
    if (unsentLabelsAreApproved(current) || current.cursor.next >= current.plan.labels)
      return { kind: 'approved' };
    const answered = await ask(run);
    if (answered) return answered;
  }
}

/** One question; undefined when the current export changed meanwhile and has to be looked at afresh. */
async function ask(run: Run): Promise<Approval | undefined> {
  openQuestion(run);
  for (;;) {
    const current = currentOf(run);
    if (run.cancelled)
      return end(run, 'cancelled', await cancelledReason(run, 'while it waited for approval'));
    if (run.verdict) return answer(run, run.verdict);
    if (!run.pause && Date.now() >= questionDeadline(current))
      return end(run, 'expired', `Nobody decided within ${expiryInWords(current)}.`);
    remindIfDue(run, current);
    if (mayBeSuperseded(run, current)) {
      if (await lookAtNewer(run)) return undefined;
      continue;
    }
    if (run.mustContinueAsNew) await run.continueAsNew();
    run.setStage(run.pause ? 'paused' : 'awaiting-approval');
    await somethingNew(run, current);
  }
}

function openQuestion(run: Run): void {
  const current = currentOf(run);
  if (current.asking) return; // carried from the run before: a decision may have come before this one's first task
  run.verdict = undefined;
  run.questionsAsked += 1;
  const { expiresAfterMs, remindEveryMs } = current.plan.asking;
  const now = Date.now();
  run.update({ asking: { openedAt: now, expiresAt: now + expiresAfterMs, remindAt: now + remindEveryMs } });
  run.setStage(run.pause ? 'paused' : 'awaiting-approval');
  notifyTargets(run, 'export.awaiting-approval');
}

/** Also while it is paused: the question still waits for somebody. */
function remindIfDue(run: Run, { asking, plan }: CurrentExport): void {
  if (!asking || Date.now() < asking.remindAt) return;
  run.update({ asking: { ...asking, remindAt: Date.now() + plan.asking.remindEveryMs } });
  notifyTargets(run, 'export.reminder');
  run.addLogEntry('Nobody has decided yet; reminded.');
}

/** Waits for a decision, a cancel, a pause or its end, a newer request, a reminder, or the deadline, which stands still while paused. */
async function somethingNew(run: Run, current: CurrentExport): Promise<void> {
  const { pause } = run;
  const changed = () =>
    run.cancelled ||
    run.verdict !== undefined ||
    run.pause !== pause ||
    mayBeSuperseded(run, current) ||
    run.mustContinueAsNew;
  const { asking } = currentOf(run);
  const remindAt = asking?.remindAt ?? Infinity;
  const expiresAt = pause ? Infinity : questionDeadline(currentOf(run));
  const next = Math.min(remindAt, expiresAt);
  if (next === Infinity) return condition(changed);
  await condition(changed, Math.max(1, next - Date.now()), {
    summary: expiresAt <= remindAt ? 'approval deadline' : 'approval reminder',
  });
}

async function answer(run: Run, decision: Decision): Promise<Approval> {
  const current = currentOf(run);
  run.verdict = decision; // what comes before the first call, or before the report, is too late
  const upTo = decision.kind === 'reject' ? current.plan.labels : (decision.upTo ?? current.plan.labels);
  await keep(run, decision, upTo);
  closeQuestion(run);
  if (decision.kind === 'reject') return end(run, 'rejected', `${describeDecision(decision)}.`);
  run.update({ approvedUpTo: upTo });
  run.addLogEntry(`${describeDecision(decision)} approved labels 1 to ${upTo} of ${current.plan.labels}.`);
  return { kind: 'approved' };
}

/** Beside the plan, before anything is done because of it. */
async function keep(run: Run, decision: Decision, upTo: number): Promise<void> {
  const { reason, kind } = decision;
  const entry = {
    ...defined({ kind: kind === 'reject' ? kind : undefined }),
    upTo,
    who: describeSender(decision),
    at: new Date().toISOString(),
    ...defined({ reason: reason === undefined ? undefined : reasonForActivity(run.issueId, reason) }),
  };
  await keepDecision({ ref: currentOf(run).plan.ref, question: run.questionsAsked, entry });
}

function end(run: Run, outcome: Ending['outcome'], reason: string): Approval {
  run.addLogEntry(`${outcome}: ${reason}`);
  return { kind: 'ended', ending: { outcome, reason } };
}

/** A newer request of the same project waits, and the current export is neither approved in part nor has sent anything. */
function mayBeSuperseded(run: Run, current: CurrentExport): boolean {
  const begun = current.approvedUpTo > 0 || current.plan.touchedUpTo > 0 || current.cursor.done > 0;
  return !begun && candidate(run, current) !== undefined;
}

function candidate(run: Run, current: CurrentExport) {
  return newerThan(run.queue, current.request)[0];
}

/** Looks at the newest request; answers true when it has taken the current export's place. A decision that comes meanwhile counts for the older one. */
async function lookAtNewer(run: Run): Promise<boolean> {
  const current = currentOf(run);
  const newer = candidate(run, current);
  if (!newer) return false;
  const prepared = await prepare(run, newer);
  const queued = refreshQueued(run, newer);
  if (prepared === 'cancelled') return false;
  if (prepared.kind === 'duplicate') await reportDuplicate(run, queued, prepared);
  else if (prepared.kind === 'failed') await reportFailed(run, queued, prepared);
  else if (prepared.kind !== 'plan') await reportUnsent(run, queued, 'failed', unreadablePlan);
  else if (run.verdict || run.cancelled) markPlanned(run, queued, prepared);
  else {
    await reportEnding(run, {
      outcome: 'superseded',
      reason: `It was superseded by revision ${queued.request.revision}.`,
    });
    await begin(run, refreshQueued(run, queued), prepared);
    return true;
  }
  return false;
}

/** Kept decisions that count now: a rejection stops also what policy has approved, as long as nothing was sent. */
function answersNow(current: CurrentExport): readonly Decision['kind'][] {
  if (!unsentLabelsAreApproved(current)) return ['approve', 'reject'];
  return current.cursor.next === 0 ? ['reject'] : [];
}

function unsentLabelsAreApproved(current: CurrentExport): boolean {
  return current.approvedUpTo > current.cursor.next || current.cursor.returned.length > 0;
}

function expiryInWords({ plan }: CurrentExport): string {
  return formatDuration(plan.asking.expiresAfterMs, 'exact');
}

function questionDeadline(current: CurrentExport): number {
  return current.asking?.expiresAt ?? Infinity;
}

function currentOf(run: Run): CurrentExport {
  if (!run.current) throw new Error('There is no current export.');
  return run.current;
}
