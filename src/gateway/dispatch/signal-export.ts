import { pluralize } from '../../text/pluralize';
import {
  describeTemporalError,
  grpcStatus,
  GrpcStatus,
  isUnreachable,
  withDeadline,
} from '../../temporal/grpc';
import { exportRequestedSignal } from '../../workflows/messages';
import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, WorkflowNotFoundError } from '@temporalio/common';
import { nameBytes } from '../../domain/limits';
import { plainMarkdown } from '../../text/plain-markdown';
import type { ExportRequest } from '../../domain/request';
import { cutToBytes } from '../../text/cut';
import { findEarlierRun } from '../../temporal/find-earlier-run';
import { exportWorkflowId, mainTaskQueue, workflowType } from '../../temporal/names';

/** The gRPC statuses with which Temporal refuses a request and would refuse it again. */
const refusalStatuses: ReadonlySet<GrpcStatus | undefined> = new Set([
  GrpcStatus.INVALID_ARGUMENT,
  GrpcStatus.NOT_FOUND, // the namespace is missing
  GrpcStatus.PERMISSION_DENIED,
  GrpcStatus.UNAUTHENTICATED,
]);

export type SignalResult =
  | { readonly kind: 'signalled'; readonly runId: string }
  /** Temporal does not answer. Retryable. */
  | { readonly kind: 'unreachable'; readonly message: string }
  /**
   * Temporal cannot accept the request now: the run is closing or has too many signals, or the server is
   * overloaded. Retryable.
   */
  | { readonly kind: 'busy'; readonly message: string }
  /**
   * Temporal refuses the request. Retried a few times, because a server that is starting may not have its
   * namespace or attributes yet.
   */
  | { readonly kind: 'refused'; readonly message: string; readonly missingAttribute: boolean };

/**
 * Signals the issue's workflow, and starts it when none runs. Idempotent.
 *
 * @param elements count of the delivery's elements, for the summary; undefined when unknown.
 */
export async function signalExport(
  client: Client,
  request: ExportRequest,
  deadlineMs: number,
  elements?: number,
): Promise<SignalResult> {
  try {
    const earlierRunId = await signalEarlierRun(client, request, deadlineMs);
    if (earlierRunId !== undefined) return { kind: 'signalled', runId: earlierRunId };
    const call = () =>
      client.workflow.signalWithStart(workflowType, {
        workflowId: exportWorkflowId(request.issueId),
        taskQueue: mainTaskQueue,
        args: [{ issueId: request.issueId }],
        signal: exportRequestedSignal,
        signalArgs: [request],
        staticSummary: workflowSummary(request, elements),
        typedSearchAttributes: [
          keyword('AquariumIssueId', request.issueId),
          keyword('AquariumIssueName', request.issueName),
          keyword('AquariumProject', request.project),
        ],
      });
    const { signaledRunId } = await withDeadline(client, call, deadlineMs);
    return { kind: 'signalled', runId: signaledRunId };
  } catch (error) {
    return classifySignalError(error);
  }
}

/** @returns the run's id; undefined when no earlier version's run is open, or when it has just closed. */
async function signalEarlierRun(
  client: Client,
  request: ExportRequest,
  deadlineMs: number,
): Promise<string | undefined> {
  const run = await findEarlierRun(client, request.issueId, deadlineMs);
  if (!run) return undefined;
  const handle = client.workflow.getHandle(run.workflowId);
  try {
    await withDeadline(client, () => handle.signal(exportRequestedSignal, request), deadlineMs);
    return run.runId;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** One line of markdown that the Web UI shows next to the workflow id. At most 200 bytes. */
function workflowSummary({ issueName, project }: ExportRequest, elements: number | undefined): string {
  const count = elements === undefined ? '' : `, ${pluralize(elements, 'element')}`;
  return `${plainMarkdown(cutToBytes(issueName, 100))} (${plainMarkdown(cutToBytes(project, 70))})${count}`;
}

function classifySignalError(error: unknown): SignalResult {
  const message = describeTemporalError(error);
  if (isUnreachable(error)) return { kind: 'unreachable', message };
  if (!refusalStatuses.has(grpcStatus(error)) || message.includes('exceeded workflow execution limit'))
    return { kind: 'busy', message };
  return { kind: 'refused', message, missingAttribute: /search attribute/i.test(message) };
}

function keyword(name: string, value: string) {
  return {
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value: cutToBytes(value, nameBytes),
  };
}
