import { isGrpcServiceError, type Client, ServiceError } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  NamespaceNotFoundError,
  SearchAttributeType,
  WorkflowNotFoundError,
} from '@temporalio/common';
import { nameBytes } from '../../domain/limits';
import { plainMarkdown } from '../../text/plain-markdown';
import type { ExportRequest } from '../../domain/request';
import { cutToBytes } from '../../text/cut';
import { mainTaskQueue, exportWorkflowId } from '../../temporal/names';
import { withinMs } from '../../temporal/within-ms';

/** gRPC codes that no server of Temporal's answers: deadline exceeded, unavailable. */
const away: ReadonlySet<number> = new Set([4, 14]);

/** gRPC codes with which Temporal refuses for good: invalid argument, not found (namespace), permission, unauthenticated. */
const refusedForGood: ReadonlySet<number> = new Set([3, 5, 7, 16]);

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
      client.workflow.signalWithStart('ExportIssue', {
        workflowId: exportWorkflowId(request.issueId),
        taskQueue: mainTaskQueue,
        args: [{ issueId: request.issueId }],
        signal: 'exportRequested',
        signalArgs: [request],
        staticSummary: workflowSummary(request, elements),
        typedSearchAttributes: [
          keyword('AquariumIssueId', request.issueId),
          keyword('AquariumIssueName', request.issueName),
          keyword('AquariumProject', request.project),
        ],
      });
    const { signaledRunId } = await within(client, signalling, deadlineMs);
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

/** Runs `call` with a deadline in ms; the SDK's own overshoots, so a timer races it. */
export async function within<T>(client: Client, call: () => Promise<T>, deadlineMs: number): Promise<T> {
  const late = (): Error => new Error(`Temporal did not answer within ${deadlineMs / 1000} s.`);
  return withinMs(deadlineMs, late, () => client.connection.withDeadline(Date.now() + deadlineMs, call));
}

/** The gRPC status of an error, or undefined when it has none. The SDK's own errors for "not found" have lost it. */
export function grpcCodeOf(error: unknown): number | undefined {
  if (error instanceof WorkflowNotFoundError || error instanceof NamespaceNotFoundError) return 5;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

/** Whether a call failed because nobody answered it. */
export function isAway(error: unknown): boolean {
  const code = grpcCodeOf(error);
  return code === undefined || away.has(code);
}

/** What went wrong, at most 200 characters: the server's own words where it has some. */
export function wordsOf(error: unknown): string {
  const cause = error instanceof ServiceError && error.cause instanceof Error ? error.cause : error;
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, 200);
}

function classifySignalError(error: unknown): SignalResult {
  const message = wordsOf(error);
  if (isAway(error)) return { kind: 'unreachable', message };
  if (!refusedForGood.has(grpcCodeOf(error) ?? 0) || message.includes('exceeded workflow execution limit'))
    return { kind: 'busy', message };
  return { kind: 'refused', message, missingAttribute: /search attribute/i.test(message) };
}

function keyword(name: string, value: string) {
  return {
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value: cutToBytes(value, nameBytes),
  };
}
