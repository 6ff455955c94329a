import { maxReasonBytes } from '../../decisions/parse-decision';
import { cutToJsonBytes, utf8Length } from '../../text/cut';

/** Bytes of an issue id as JSON from which a reason is cut: the argument of an activity stays under 10 KB. */
const longIssueIdBytes = 2000;
/** Bytes of a reason beside such an id, for the same reason. */
const reasonBytesBesideLongId = 3500;

/** A reason as an activity's argument carries it: whole, unless the issue id has thousands of bytes. */
export function reasonForActivity(issueId: string, reason: string): string {
  return cutToJsonBytes(reason, hasLongId(issueId) ? reasonBytesBesideLongId : maxReasonBytes);
}

export function hasLongId(issueId: string): boolean {
  return utf8Length(JSON.stringify(issueId)) > longIssueIdBytes;
}
