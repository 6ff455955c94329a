import { channelPhrases, type Decision, isChannel } from '../../domain/decision';
import { formatNumber } from '../../text/format-number';
import { cutWithEllipsis } from '../../text/cut';

/** What is known about a decision or a steering that came by Temporal, or through the gateway. */
type Sender = Pick<Decision, 'by' | 'proven' | 'through'>;

/**
 * `Approval up to 500 by ann (token) on the page`, `Update approve by ann (token)`, `Signal approve by "ann"
 * (claimed) ("looks good")`.
 */
export function describeDecision(decision: Decision): string {
  const by = describeByWhom(decision);
  const upTo = decision.upTo === undefined ? '' : ` up to ${formatNumber(decision.upTo)}`;
  const reason = decision.reason === undefined ? '' : ` ("${shortenReason(decision.reason)}")`;
  return `${describeKind(decision)}${upTo}${by}${reason}`;
}

function describeKind({ kind, through }: Decision): string {
  if (isChannel(through)) return kind === 'approve' ? 'Approval' : 'Rejection';
  return `${through === 'update' ? 'Update' : 'Signal'} ${kind}`;
}

/** ` by ann (token) on the page`, ` by "ann" (claimed)`; empty without a name. */
export function describeByWhom(sender: Sender): string {
  if (sender.by === undefined) return '';
  const channel = isChannel(sender.through) ? ` ${channelPhrases[sender.through]}` : '';
  return ` by ${describeSender(sender)}${channel}`;
}

/** `ann (token)`, or `"ann" (claimed)`: a token proves a name, a signal only claims one. */
export function describeSender({ by, proven }: Pick<Decision, 'by' | 'proven'>): string {
  if (by === undefined) return 'unnamed sender';
  return proven ? `${by.slice(0, 60)} (token)` : `"${by.slice(0, 60)}" (claimed)`;
}

/** At most 120 characters, because a log entry has at most 300. The full reason is stored beside the plan. */
export function shortenReason(reason: string): string {
  return cutWithEllipsis(reason, 120);
}
