import type { CurrentExport, Question } from '../state/carried';
import type { IssueState } from '../state/issue-state';

/**
 * True when the open question's deadline has passed. A pause suspends the deadline only if it was heard before
 * the deadline.
 */
export function isPastDeadline({ pause }: IssueState, { expiresAt, openedAt }: Question): boolean {
  return (pause ? Math.max(pause.since, openedAt) : Date.now()) >= expiresAt;
}

/** Why a decision that was heard after the deadline decides nothing, and how the operator can be asked again. */
export function describeDeadline({ expiresAt }: Question, { request }: CurrentExport): string {
  return `the question expired at ${new Date(expiresAt).toISOString()}; ask again with requeue replay ${request.sha256}`;
}
