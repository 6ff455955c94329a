import { createHash } from 'node:crypto';
import { maxVerbatimIssueIdBytes } from '../domain/limits';

export const workflowType = 'ExportIssue';
/** The task queue for workflows and for all activities except `relabelChunk`. */
export const mainTaskQueue = 'requeue';

/**
 * The task queue for a destination's `relabelChunk` calls. Rate and calls in flight are limited per task
 * queue.
 */
export function labelingTaskQueue(destination: string): string {
  return `labeling-${destination}`;
}

/**
 * The workflow id contains an issue id of up to 200 bytes verbatim, and the sha256 of a longer one. Two kinds of
 * short ids are hashed too: an id that already looks like such a hash, so that it can't share another issue's
 * workflow, and an id with a percent sign, because Temporal's Web UI would open another workflow
 * (docs/decisions/024-an-issue-id-with-a-percent-sign-is-hashed.md).
 */
export function exportWorkflowId(issueId: string): string {
  const isVerbatim = wasVerbatim(issueId) && !issueId.includes('%');
  return `export-issue-${isVerbatim ? issueId : `sha256-${createHash('sha256').update(issueId, 'utf8').digest('hex')}`}`;
}

/**
 * The workflow id that earlier versions gave to an issue id with a percent sign. Their open runs keep it.
 * @returns undefined when the id was the same as now.
 */
export function earlierWorkflowId(issueId: string): string | undefined {
  return wasVerbatim(issueId) && issueId.includes('%') ? `export-issue-${issueId}` : undefined;
}

/** Whether the workflow is the issue's, started by this version or by an earlier one. */
export function isWorkflowOf(issueId: string, workflowId: string): boolean {
  return workflowId === exportWorkflowId(issueId) || workflowId === earlierWorkflowId(issueId);
}

function wasVerbatim(issueId: string): boolean {
  return (
    Buffer.byteLength(issueId, 'utf8') <= maxVerbatimIssueIdBytes && !/^sha256-[0-9a-f]{64}$/.test(issueId)
  );
}
