import { createHash } from 'node:crypto';
import { maxVerbatimIssueIdBytes } from '../domain/limits';

/** Name of the workflow. */
export const workflowType = 'ExportIssue';
/** Task queue of workflows and of every activity but `relabelChunk`. */
export const mainTaskQueue = 'requeue';

/** Task queue of `relabelChunk` for a destination: rate and calls in flight are limited per task queue. */
export function labelingTaskQueue(destination: string): string {
  return `labeling-${destination}`;
}

/**
 * Workflow id of an issue's exports: verbatim up to 200 bytes, else by its sha256. So is an id that looks like such a name: else
 * it would share the workflow of the issue whose hash it names.
 */
export function exportWorkflowId(issueId: string): string {
  const verbatim =
    Buffer.byteLength(issueId, 'utf8') <= maxVerbatimIssueIdBytes && !/^sha256-[0-9a-f]{64}$/.test(issueId);
  return `export-issue-${verbatim ? issueId : `sha256-${createHash('sha256').update(issueId, 'utf8').digest('hex')}`}`;
}
