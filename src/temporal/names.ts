import { createHash } from 'node:crypto';
import { maxVerbatimIssueIdBytes } from '../domain/limits';

export const workflowType = 'ExportIssue';
/** Task queue of the workflows and of every activity except `relabelChunk`. */
export const mainTaskQueue = 'requeue';

/** Task queue of `relabelChunk` for a destination: rate and calls in flight are limited per task queue. */
export function labelingTaskQueue(destination: string): string {
  return `labeling-${destination}`;
}

/**
 * The workflow id for an issue. Contains the issue id verbatim up to 200 bytes, and the sha256 of a longer
 * id. An issue id that looks like such a hash is hashed too; otherwise it would share the workflow of another
 * issue.
 */
export function exportWorkflowId(issueId: string): string {
  const verbatim =
    Buffer.byteLength(issueId, 'utf8') <= maxVerbatimIssueIdBytes && !/^sha256-[0-9a-f]{64}$/.test(issueId);
  return `export-issue-${verbatim ? issueId : `sha256-${createHash('sha256').update(issueId, 'utf8').digest('hex')}`}`;
}
