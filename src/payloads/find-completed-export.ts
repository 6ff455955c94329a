import type { ExportRequest } from '../domain/request';
import { completedAttempt, listAttempts, type ReportedAttempt } from './attempts';
import type { PayloadStore } from './payload-store';

/**
 * Finds the completed export that a new request repeats: nothing is left to send, and no run is needed.
 * @returns undefined for a forced request, while a later attempt at the revision has no report, and when the
 *   store does not show for certain that the export was completed.
 */
export async function findCompletedExport(
  store: PayloadStore,
  { issueId, revision, sha256, force }: ExportRequest,
): Promise<ReportedAttempt | undefined> {
  if (force) return undefined;
  const attempts = await listAttempts(store, issueId, revision);
  return attempts.at(-1)?.report ? completedAttempt(attempts, sha256) : undefined;
}
