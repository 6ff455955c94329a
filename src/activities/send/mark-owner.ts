import { activityInfo } from '@temporalio/activity';
import type { MarkOwner } from '../../payloads/receipts';
import {
  createSentMark,
  hasReport,
  hasUnchangedReceipt,
  readSentMark,
  type SentMark,
  writeSentMark,
} from '../../payloads/receipts';
import type { PayloadStore } from '../../payloads/payload-store';
import { formatNumber } from '../../text/format-number';
import { retryable } from '../failures';
import { stopIfCancelled } from '../heartbeating';
import type { LabelingCall } from './labeling-call';

/*
 * A worker can freeze for longer than the heartbeat time-out. Temporal then starts the next attempt on another
 * worker, and the frozen one continues when it wakes up. The sent-mark names the attempt that may call: its
 * owner. This makes the time in which two attempts call small, not zero: a worker can still freeze between its
 * last look at the mark and its call. `recordOutcomes` marks such calls as repeated.
 */

/** Must be called inside an activity. */
export function currentOwner(): MarkOwner {
  const { workflowExecution, activityId, attempt, currentAttemptScheduledTimestampMs } = activityInfo();
  return {
    activity: `${workflowExecution?.runId}/${activityId}`,
    attempt,
    scheduledAt: currentAttemptScheduledTimestampMs,
  };
}

type MarkedCall = Pick<
  LabelingCall,
  'ref' | 'range' | 'lost' | 'sentAt' | 'noAnswers' | 'keepMark' | 'owner'
>;

/** @throws {ApplicationFailure} retryable, when a later attempt wrote the mark. */
export function stopIfLater(
  mark: SentMark | undefined,
  { owner, range }: Pick<MarkedCall, 'owner' | 'range'>,
): void {
  if (mark && isLater(mark.owner, owner)) throw anotherAttempt(range);
}

/**
 * Writes the mark of a call. Never replaces the mark of a later attempt, nor one that this attempt has not
 * seen: that call is perhaps in flight.
 * @throws {ApplicationFailure} retryable, when another attempt wrote the mark.
 */
export async function takeMark(store: PayloadStore, call: MarkedCall): Promise<void> {
  const { ref, range, sentAt, noAnswers, owner } = call;
  const mark: SentMark = { version: 1, sentAt, noAnswers, owner, ...repeats(call) };
  if (call.keepMark) {
    stopIfLater(await readSentMark(store, ref, range), call);
    await writeSentMark(store, ref, range, mark);
  } else if (!(await createSentMark(store, ref, range, mark))) throw anotherAttempt(range);
}

/** For the sent-mark of a call that may repeat an earlier one. */
export function repeats({ lost }: Pick<LabelingCall, 'lost'>): Pick<SentMark, 'repeats'> {
  return lost === undefined ? {} : { repeats: true };
}

/**
 * Ends an attempt whose mark was replaced or removed, or whose labels have got a receipt or a report meanwhile.
 * The newest attempt then reads what the others left.
 * @throws {ApplicationFailure} retryable
 */
export async function stopUnlessOwner(store: PayloadStore, call: MarkedCall): Promise<void> {
  const { ref, range } = call;
  const isAnswered = async () =>
    (await hasUnchangedReceipt(store, ref, range)) || (await hasReport(store, ref));
  if (!(await isAnswered()) && (await isOwner(store, call))) return; // the mark last: it changes first
  stopIfCancelled();
  throw anotherAttempt(range);
}

/**
 * Ends an attempt whose call failed, and whose mark another attempt has replaced.
 * @throws {ApplicationFailure} retryable
 */
export async function stopIfReplaced(store: PayloadStore, { ref, range, owner }: MarkedCall): Promise<void> {
  const mark = await readSentMark(store, ref, range);
  if (!mark || isSame(mark.owner, owner)) return;
  stopIfCancelled();
  throw anotherAttempt(range);
}

export async function isOwner(store: PayloadStore, { ref, range, owner }: MarkedCall): Promise<boolean> {
  const mark = await readSentMark(store, ref, range);
  return mark !== undefined && isSame(mark.owner, owner);
}

function isSame(a: MarkOwner, b: MarkOwner): boolean {
  return a.activity === b.activity && a.attempt === b.attempt && a.scheduledAt === b.scheduledAt;
}

/**
 * Compares times, because other runs count their attempts from 1, and so does an activity after its reset. A
 * higher attempt of the same activity is never the earlier one, even if Temporal's clock was set back.
 */
function isLater(mark: MarkOwner, own: MarkOwner): boolean {
  const isEarlierAttempt = mark.activity === own.activity && mark.attempt < own.attempt;
  return mark.scheduledAt > own.scheduledAt && !isEarlierAttempt;
}

function anotherAttempt({ from, to }: LabelingCall['range']): Error {
  return retryable(
    `Another attempt is sending labels ${formatNumber(from + 1)}-${formatNumber(to)}; this attempt stops. Temporal retries the newest attempt.`,
    'AnotherAttempt',
  );
}
