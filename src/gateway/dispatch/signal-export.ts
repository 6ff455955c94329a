import { describeTemporalError, grpcStatus, GrpcStatus, isAway, withDeadline } from '../../temporal/grpc';
import { exportRequestedSignal } from '../../workflows/messages';
import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { nameBytes } from '../../domain/limits';
import { plainMarkdown } from '../../text/plain-markdown';
import type { ExportRequest } from '../../domain/request';
import { cutToBytes } from '../../text/cut';
import { exportWorkflowId, mainTaskQueue, workflowType } from '../../temporal/names';

/** Statuses with which Temporal refuses a request for good. */
const refusedForGood: ReadonlySet<GrpcStatus | undefined> = new Set([
  GrpcStatus.INVALID_ARGUMENT,
  GrpcStatus.NOT_FOUND, // the namespace
  GrpcStatus.PERMISSION_DENIED,
  GrpcStatus.UNAUTHENTICATED,
]);

/** What came of giving a request to Temporal. */
export type SignalResult =
  | { readonly kind: 'signalled'; readonly runId: string }
  /** Temporal is away: try again. */
  | { readonly kind: 'unreachable'; readonly message: string }
  /** Temporal answers, and cannot take it now (the run is closing, has too many signals; the server is overloaded): try again. */
  | { readonly kind: 'busy'; readonly message: string }
  /** Temporal answers, and refuses. */
  | { readonly kind: 'refused'; readonly message: string; readonly missingAttribute: boolean };

/**
 * Signals the issue's workflow, starting it when none runs. Doing it twice is harmless.
 * @param elements of the delivery, where they are known: for the summary.
 */
export async function signalExport(
  client: Client,
  request: ExportRequest,
  deadlineMs: number,
  elements?: number,
): Promise<SignalResult> {
  try {
    const signalling = () =>
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
    const { signaledRunId } = await withDeadline(client, signalling, deadlineMs);
    return { kind: 'signalled', runId: signaledRunId };
  } catch (error) {
    return classifySignalError(error);
  }
}

/** What the Web UI shows beside the id, as markdown of one line; at most 200 bytes. */
function workflowSummary({ issueName, project }: ExportRequest, elements: number | undefined): string {
  const count = elements === undefined ? '' : `, ${elements} element${elements === 1 ? '' : 's'}`;
  return `${plainMarkdown(cutToBytes(issueName, 100))} (${plainMarkdown(cutToBytes(project, 70))})${count}`;
}

function classifySignalError(error: unknown): SignalResult {
  const message = describeTemporalError(error);
  if (isAway(error)) return { kind: 'unreachable', message };
  if (!refusedForGood.has(grpcStatus(error)) || message.includes('exceeded workflow execution limit'))
    return { kind: 'busy', message };
  return { kind: 'refused', message, missingAttribute: /search attribute/i.test(message) };
}

function keyword(name: string, value: string) {
  return {
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value: cutToBytes(value, nameBytes),
  };
}
