import { defined } from '../../collections/defined';
import { condition } from '@temporalio/workflow';
import type { Decision } from '../../domain/decision';
import { newerThan, type Queued } from '../../domain/queue';
import { formatDuration } from '../../text/duration';
import { formatNumber } from '../../text/format-number';
import { cancelledReason } from '../decide/cancelled-reason';
import { takePendingDecision } from '../decide/decide';
import { describeDecision, describeSender } from '../decide/describe-decision';
import { reasonForActivity } from '../decide/reason-for-activity';
import type { CurrentExport } from '../state/carried';
import { type IssueState, requireExport } from '../state/issue-state';
import type { Run } from '../state/run';
import { keepDecision } from './activity-options';
import { begin, markPlanned } from './next-export';
import { notifyTargets } from './notices';
import { prepare, refreshQueued } from './prepare';
import { type Ending, reportEnding } from './report-ending';
import { reportNotPlanned } from './report-queued';
import { supersededBy } from './supersede-older';

/*
 * The question of an export, and what ends it. A reminder leaves the state as it is, also while the export is paused.
 *
 *   no question  <- labels are approved already, or a pending decision counts
 *        |
 *        v      pause: the deadline is on hold
 *     asking  ----------------------------------->  paused
 *        |    <-----------------------------------     |
 *        |      resume: the deadline moves             |
 *        |                                             |
 *        +-- approve, reject (answered) ---------------+-->  approved, or ended: rejected
 *        +-- cancel -----------------------------------+-->  ended: cancelled
 *        +-- a newer request has a plan ---------------+-->  superseded; the newer export begins at "no question"
 *        +-- full history -----------------------------+-->  continued as new, in the same state
 *        +-- the deadline passes (only in asking) ---------> ended: expired
 */

/** `approved`: labels up to `approvedUpTo` of the current export may be sent. */
export type Approval = { readonly kind: 'approved' } | { readonly kind: 'ended'; readonly ending: Ending };

/**
 * Returns at once when labels that are not sent yet are approved; otherwise asks and waits. A newer request
 * takes the place of an export that has neither approved nor sent labels; the result is then about the newer
 * export.
 */
export async function awaitApproval(run: Run): Promise<Approval> {
  for (;;) {
    const current = requireExport(run.state);
    const early = takePendingDecision(run, current, kindsThatCount(current));
    if (early) return applyDecision(run, early);
    if (hasApprovedUnsentLabels(current) || isWholePlanTaken(current)) return { kind: 'approved' };
    const answer = await ask(run);
    if (answer.kind !== 'superseded') return answer;
  }
}

/** `superseded`: a newer export has begun, and needs its own approval. */
async function ask(run: Run): Promise<Approval | { readonly kind: 'superseded' }> {
  openQuestion(run);
  for (;;) {
    const event = await nextEvent(run);
    switch (event.kind) {
      case 'cancelled':
        return end(run, 'cancelled', await cancelledReason(run.state, 'while it waited for approval'));
      case 'answered':
        return applyDecision(run, event.decision);
      case 'expired':
        return end(run, 'expired', `No decision arrived within ${event.within}.`);
      case 'reminder-due':
        remind(run);
        break;
      case 'newer-request':
        if ((await lookAtNewer(run, event.newer)) === 'superseded-current') return { kind: 'superseded' };
        break;
      case 'must-continue-as-new':
        return run.continueAsNew();
      case 'pause-changed': // the timer has to be set anew
        break;
    }
  }
}

/** What can happen while a question is open. */
type QuestionEvent =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'answered'; readonly decision: Decision }
  | { readonly kind: 'expired'; readonly within: string }
  | { readonly kind: 'reminder-due' }
  | { readonly kind: 'newer-request'; readonly newer: Queued }
  | { readonly kind: 'must-continue-as-new' }
  | { readonly kind: 'pause-changed' };

async function nextEvent(run: Run): Promise<QuestionEvent> {
  const due = dueEvent(run);
  if (due) return due;
  run.setStage(run.state.pause ? 'paused' : 'awaiting-approval');
  await awaitChange(run);
  return dueEvent(run) ?? { kind: 'pause-changed' };
}

/**
 * In the order in which they count when several are due: a cancel beats a decision, a decision beats the
 * deadline.
 */
function dueEvent(run: Run): QuestionEvent | undefined {
  const { state } = run;
  const current = requireExport(state);
  const now = Date.now();
  if (state.cancelled) return { kind: 'cancelled' };
  if (state.answer) return { kind: 'answered', decision: state.answer };
  if (now >= deadline(state)) return { kind: 'expired', within: formatExpiry(current) };
  if (now >= reminderTime(current)) return { kind: 'reminder-due' };
  const newer = findSuperseding(state);
  if (newer) return { kind: 'newer-request', newer };
  return run.mustContinueAsNew ? { kind: 'must-continue-as-new' } : undefined;
}

/** Waits until an event is due, or a pause begins or ends. */
async function awaitChange(run: Run): Promise<void> {
  const { state } = run;
  const { pause } = state;
  const hasChanged = () => state.pause !== pause || dueEvent(run) !== undefined;
  const expiresAt = deadline(state);
  const remindAt = reminderTime(requireExport(state));
  const wakeAt = Math.min(remindAt, expiresAt);
  if (wakeAt === Infinity) return condition(hasChanged);
  await condition(hasChanged, Math.max(1, wakeAt - Date.now()), {
    summary: expiresAt <= remindAt ? 'approval deadline' : 'approval reminder',
  });
}

function openQuestion(run: Run): void {
  const { state } = run;
  const current = requireExport(state);
  if (current.asking) return; // carried from the run before; a decision may have come before the first task of this run
  state.answer = undefined;
  state.questionsAsked += 1;
  const { expiresAfterMs, remindEveryMs } = current.plan.asking;
  const now = Date.now();
  run.updateExport({
    asking: { openedAt: now, expiresAt: now + expiresAfterMs, remindAt: now + remindEveryMs },
  });
  run.setStage(state.pause ? 'paused' : 'awaiting-approval');
  notifyTargets(run, 'export.awaiting-approval');
}

/** Also while the export is paused: its question is still open. */
function remind(run: Run): void {
  const { asking, plan } = requireExport(run.state);
  if (!asking) return;
  run.updateExport({ asking: { ...asking, remindAt: Date.now() + plan.asking.remindEveryMs } });
  notifyTargets(run, 'export.reminder');
  run.addLogEntry('Reminder sent: the question is still open.');
}

async function applyDecision(run: Run, decision: Decision): Promise<Approval> {
  const { labels } = requireExport(run.state).plan;
  run.state.answer = decision; // a decision that arrives before the first call, or before the report, is too late
  const upTo = decision.kind === 'reject' ? labels : (decision.upTo ?? labels);
  await writeDecision(run, decision, upTo);
  run.closeQuestion();
  if (decision.kind === 'reject') return end(run, 'rejected', `${describeDecision(decision)}.`);
  run.updateExport({ approvedUpTo: upTo });
  run.addLogEntry(
    `${describeDecision(decision)} approved labels 1 to ${formatNumber(upTo)} of ${formatNumber(labels)}.`,
  );
  return { kind: 'approved' };
}

/**
 * Written beside the plan before anything is done because of it:
 * docs/decisions/014-a-decision-is-written-down-before-it-counts.md.
 */
async function writeDecision(run: Run, decision: Decision, upTo: number): Promise<void> {
  const { reason, kind } = decision;
  const { issueId, questionsAsked } = run.state;
  const entry = {
    ...defined({ kind: kind === 'reject' ? kind : undefined }),
    upTo,
    who: describeSender(decision),
    at: new Date().toISOString(),
    ...defined({ reason: reason === undefined ? undefined : reasonForActivity(issueId, reason) }),
  };
  await keepDecision({ ref: requireExport(run.state).plan.ref, question: questionsAsked, entry });
}

function end(run: Run, outcome: Ending['outcome'], reason: string): Approval {
  run.addLogEntry(`${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}: ${reason}`);
  return { kind: 'ended', ending: { outcome, reason } };
}

/**
 * The newest request of the project, while it may supersede the current export: that has neither approved nor
 * sent labels.
 */
function findSuperseding(state: IssueState): Queued | undefined {
  const { approvedUpTo, plan, cursor, request } = requireExport(state);
  const hasBegun = approvedUpTo > 0 || plan.touchedUpTo > 0 || cursor.done > 0;
  return hasBegun ? undefined : newerThan(state.queue, request)[0];
}

/**
 * Prepares a newer request. A decision that arrives meanwhile counts for the current export, which then
 * stays.
 */
async function lookAtNewer(run: Run, newer: Queued): Promise<'superseded-current' | 'kept-current'> {
  const prepared = await prepare(run, newer);
  const queued = refreshQueued(run, newer);
  switch (prepared.kind) {
    case 'cancelled':
      return 'kept-current';
    case 'plan':
      if (run.state.answer || run.state.cancelled) {
        markPlanned(run, queued, prepared);
        return 'kept-current';
      }
      await reportEnding(run, supersededBy(queued.request));
      await begin(run, refreshQueued(run, queued), prepared);
      return 'superseded-current';
    default:
      await reportNotPlanned(run, queued, prepared);
      return 'kept-current';
  }
}

/**
 * Kinds of pending decisions that count now: before the first call, a rejection stops also what policy
 * approved.
 */
function kindsThatCount(current: CurrentExport): readonly Decision['kind'][] {
  if (!hasApprovedUnsentLabels(current)) return ['approve', 'reject'];
  return current.cursor.next === 0 ? ['reject'] : [];
}

function hasApprovedUnsentLabels({ approvedUpTo, cursor }: CurrentExport): boolean {
  return approvedUpTo > cursor.next || cursor.returned.length > 0;
}

function isWholePlanTaken({ cursor, plan }: CurrentExport): boolean {
  return cursor.next >= plan.labels;
}

function formatExpiry({ plan }: CurrentExport): string {
  return formatDuration(plan.asking.expiresAfterMs, 'exact');
}

/** Epoch ms; Infinity while the export is paused: its deadline is on hold. */
function deadline(state: IssueState): number {
  return state.pause ? Infinity : (requireExport(state).asking?.expiresAt ?? Infinity);
}

/** Epoch ms. */
function reminderTime({ asking }: CurrentExport): number {
  return asking?.remindAt ?? Infinity;
}
