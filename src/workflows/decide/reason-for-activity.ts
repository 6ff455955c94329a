import { maxReasonBytes } from '../../decisions/parse-decision';
import { cutToJsonBytes, utf8Length } from '../../text/cut';

/** Maximum bytes of an issue id, as JSON, that leaves room for a full reason in an argument of 10 KB. */
const longIssueIdBytes = 2000;
/** Maximum bytes of a reason beside a longer issue id, so that the argument still stays under 10 KB. */
const reasonBytesBesideLongId = 3500;

/** The reason for an activity's argument: complete, unless the issue id has thousands of bytes. */
export function reasonForActivity(issueId: string, reason: string): string {
  return cutToJsonBytes(reason, hasLongId(issueId) ? reasonBytesBesideLongId : maxReasonBytes);
}

export function hasLongId(issueId: string): boolean {
  return utf8Length(JSON.stringify(issueId)) > longIssueIdBytes;
}
