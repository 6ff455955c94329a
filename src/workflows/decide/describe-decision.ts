import type { Decision } from '../../domain/decision';
import { formatNumber } from '../../text/format-number';
import { cutWithEllipsis } from '../../text/cut';

/** `Update approve by ann (token)`, `Signal approve up to 500 by "ann" (claimed) ("looks good")`. */
export function describeDecision(decision: Decision): string {
  const by = decision.by === undefined ? '' : ` by ${describeSender(decision)}`;
  const upTo = decision.upTo === undefined ? '' : ` up to ${formatNumber(decision.upTo)}`;
  const reason = decision.reason === undefined ? '' : ` ("${shortenReason(decision.reason)}")`;
  return `${decision.through === 'update' ? 'Update' : 'Signal'} ${decision.kind}${upTo}${by}${reason}`;
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
