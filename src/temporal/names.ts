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
 * The workflow id contains an issue id of up to 200 bytes verbatim, and the sha256 of a longer one. An issue
 * id that already looks like such a hash is hashed too, so that it can't share another issue's workflow.
 */
export function exportWorkflowId(issueId: string): string {
  const verbatim =
    Buffer.byteLength(issueId, 'utf8') <= maxVerbatimIssueIdBytes && !/^sha256-[0-9a-f]{64}$/.test(issueId);
  return `export-issue-${verbatim ? issueId : `sha256-${createHash('sha256').update(issueId, 'utf8').digest('hex')}`}`;
}
