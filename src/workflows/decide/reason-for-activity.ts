import { maxReasonBytes } from '../../decisions/parse-decision';
import { cutToJsonBytes, utf8Length } from '../../text/cut';

/** Beside an issue id that is this long as JSON, words have less room: an activity's argument stays under 10 KB. In bytes. */
const longIssueIdBytes = 2000;
const wordsBesideLongIdBytes = 3500;

/** A reason in the size in which it may go beside the issue id; whole, but for ids of thousands of bytes. */
export function reasonForActivity(issueId: string, reason: string): string {
  return cutToJsonBytes(reason, hasLongId(issueId) ? wordsBesideLongIdBytes : maxReasonBytes);
}

export function hasLongId(issueId: string): boolean {
  return utf8Length(JSON.stringify(issueId)) > longIssueIdBytes;
}
